import { expOf } from '../../tensor/elementary/exponential.ts';
import { createRandom } from '../../tensor/random.ts';
import { type NdarrayLike, type Tensor, zeros } from '../../tensor/tensor.ts';
import { finiteActivation } from '../finite.ts';
import type { MethodOptions } from '../method.ts';
import { chooseEntries } from '../select.ts';

/** What a control looks at: the size of the layer, and no more. */
interface Sized {
  readonly activation: NdarrayLike;
}

function filled(
  { activation }: Sized,
  value: (y: number, x: number, sides: readonly [number, number]) => number,
): Tensor {
  const [, height, width] = activation.shape;
  const map = zeros([height, width]);
  for (let i = 0; i < map.data.length; i++) {
    map.data[i] = value(Math.floor(i / width), i % width, [height, width]);
  }
  return map;
}

/** All ones: a metric on which it wins measures how much of the picture is lit. */
export const allOnes = (layer: Sized): Tensor => filled(layer, () => 1);

/** A Gaussian in the middle, its standard deviation a quarter of each side: what a photographer's habit alone gives. */
export const centreGaussian = (layer: Sized): Tensor =>
  filled(layer, (y, x, [height, width]) => {
    const [v, u] = [(y + 0.5) / height - 0.5, (x + 0.5) / width - 0.5];
    return expOf(-8 * (v * v + u * u));
  });

/** A number from a layer's values: another for another picture. */
function checksum({ activation: { data } }: Sized): number {
  let sum = 0x811c9dc5;
  const words = new Uint32Array(Float64Array.from(data as ArrayLike<number>).buffer);
  for (const word of words) sum = Math.imul(sum ^ word, 0x01000193);
  return sum >>> 0;
}

/** Uniform in 0 … 1, drawn by the seed anew for each picture. */
export function randomMap({ activation, seed }: Sized & { readonly seed: number }): Tensor {
  const random = createRandom(seed, checksum({ activation }));
  return filled({ activation }, () => random.uniform());
}

/** Mean over the maps of |A|: where the layer is active, whatever the class. */
export function meanActivation(
  { activation }: Sized,
  { select }: MethodOptions = {},
): { map: Tensor; maps: readonly number[] } {
  const { data, shape } = finiteActivation(activation, 'run meanactivation');
  const size = shape[1] * shape[2];
  const { maps, cells } = chooseEntries(select, shape);
  const map = zeros([shape[1], shape[2]]);
  for (const k of maps)
    for (const cell of cells(k)) map.data[cell] += Math.abs(data[k * size + cell]) / maps.length;
  return { map, maps };
}
