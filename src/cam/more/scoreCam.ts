import { expOf } from '../../tensor/elementary/exponential.ts';
import { largestOf, leastOf } from '../../tensor/largest.ts';
import { stackRows } from '../../tensor/rows.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import { batchFor } from '../batchFor.ts';
import type { Evidence } from '../evidence.ts';
import type { MethodOptions, MethodResult, Network } from '../method.ts';
import { chooseEntries } from '../select.ts';
import { weighMaps } from '../weigh.ts';
import { scoresOfImages } from './network.ts';

/** A map [height, width] at another size: bilinear, half-pixel centres, edges clamped. */
function enlarge(
  map: Float64Array,
  [height, width]: readonly number[],
  [rows, columns]: readonly number[],
): Float64Array {
  const place = (i: number, from: number, to: number) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  };
  const across = Array.from({ length: columns }, (_, x) => place(x, width, columns));
  const out = new Float64Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const { low, high, share } = place(y, height, rows);
    for (let x = 0; x < columns; x++) {
      const { low: left, high: right, share: part } = across[x];
      const line = (row: number) => (1 - part) * map[row * width + left] + part * map[row * width + right];
      out[y * columns + x] = (1 - share) * line(low) + share * line(high);
    }
  }
  return out;
}

/** The picture times a map at its size, scaled to 0 … 1; undefined for a constant map, which lets nothing be told. */
function masked(image: Tensor, map: Float64Array, sides: readonly number[]): Tensor | undefined {
  const large = enlarge(map, sides, image.shape.slice(2));
  const [least, most] = [leastOf(large), largestOf(large)];
  if (most === least) return undefined;
  const { data } = contiguous(image);
  const values = Float32Array.from(
    data,
    (value, i) => (value * (large[i % large.length] - least)) / (most - least),
  );
  return fromData(values, image.shape);
}

/**
 * Score-CAM weights: softmax over the maps of the logit z_c of the picture times each map, which is brought to the picture's size and scaled to 0 … 1. A constant map weighs 0 and has no part in the softmax.
 *
 * Cost: a pass through the network for each map.
 * Source: Wang et al. 2020 (Score-CAM), algorithm 1; what it takes off every score, that of a baseline, leaves the softmax as it is.
 */
export async function scoreCam(
  { activation }: Pick<Evidence, 'activation'>,
  { select }: MethodOptions,
  network: Network,
): Promise<MethodResult> {
  const { data, shape } = contiguous(activation);
  const [, height, width] = shape;
  const size = height * width;
  const { maps, cells } = chooseEntries(select, shape);
  const scores = new Map<number, number>();
  const batch = batchFor(network.split, network.image, false);
  let waiting: { k: number; picture: Tensor }[] = [];
  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const found = await scoresOfImages(network, stackRows(waiting.map(({ picture }) => picture)));
    for (const [i, { k }] of waiting.entries()) scores.set(k, found[i]);
    waiting = [];
  }
  for (const k of maps) {
    const own = new Float64Array(size);
    for (const cell of cells(k)) own[cell] = data[k * size + cell];
    const picture = masked(network.image, own, [height, width]);
    if (picture !== undefined) waiting.push({ k, picture });
    if (waiting.length === batch) await flush();
  }
  await flush();
  const most = largestOf(scores.values());
  const shares = new Map([...scores].map(([k, score]) => [k, expOf(score - most)]));
  const total = [...shares.values()].reduce((sum, share) => sum + share, 0);
  return weighMaps(shape, select, (k) => (shares.get(k) ?? 0) / total || 0);
}
