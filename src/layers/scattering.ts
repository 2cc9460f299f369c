import { add, concat, maximum, minimum, mul, putAt, reshape, takeAt } from '../autodiff/operations.ts';
import { takeBy } from '../autodiff/primitives/indexing.ts';
import { isDifferentiated, isTraced } from '../autodiff/trace.ts';
import { ShapeError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, normalizeAxis, sameShape, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { choice, type Layer, type Layers, need, number, unlessAlongImages, wholeMap } from './layer.ts';
import { elementPlaces, slicesOf } from './places.ts';
import type { Attributes, AttributeValue } from './types.ts';

const reductions = ['none', 'add', 'mul', 'max', 'min'] as const;

/** x with the entries at some positions replaced; of several for one position the last stays. */
export function replaced(x: Tensor, to: Int32Array, updates: Tensor): Tensor {
  const size = sizeOf(x.shape);
  const both = concat([reshape(x, [-1]), reshape(updates, [-1])], 0);
  return takeBy(both, x.shape, () => {
    const from = Int32Array.from({ length: roomFor(size) }, (_, i) => i);
    to.forEach((place, i) => {
      from[place] = size + i;
    });
    return from;
  });
}

/** The updates, by number, in rounds in which no position comes twice. */
function roundsOf(to: Int32Array): number[][] {
  const times = new Map<number, number>();
  const rounds: number[][] = [];
  to.forEach((place, i) => {
    const round = times.get(place) ?? 0;
    times.set(place, round + 1);
    rounds[round] ??= [];
    rounds[round].push(i);
  });
  return rounds;
}

/** Where updates go. */
interface Targets {
  readonly indices: Tensor;
  places(): Int32Array;
  readonly reduction: AttributeValue | undefined;
}

/** x with updates put at positions, or combined with what is there. */
function scattered(x: Tensor, updates: Tensor, { indices, places, reduction }: Targets): Tensor {
  // Of indices that are not known yet only the shape counts.
  if (isTraced(indices) && !isDifferentiated(indices)) {
    return add(
      x,
      takeBy(updates, x.shape, () => new Int32Array(sizeOf(x.shape))),
    );
  }
  const to = places();
  const how = choice({ reduction } as Attributes, 'reduction', reductions);
  if (to.length !== sizeOf(updates.shape)) {
    throw new ShapeError(
      `its updates ${formatShape(updates.shape)} are ${sizeOf(updates.shape)}, for ${to.length} places`,
    );
  }
  if (how === 'none') return replaced(x, to, updates);
  if (how === 'add') return add(x, reshape(putAt(reshape(updates, [-1]), to, [sizeOf(x.shape)]), x.shape));
  const combine = { mul, max: maximum, min: minimum }[how];
  let y = reshape(x, [-1]);
  const flat = reshape(updates, [-1]);
  const rounds = roundsOf(to);
  roomFor(rounds.length * sizeOf(x.shape));
  for (const round of rounds) {
    const places = Int32Array.from(round, (i) => to[i]);
    const count = [round.length];
    y = replaced(y, places, combine(takeAt(y, places, count), takeAt(flat, round, count)));
  }
  return reshape(y, x.shape);
}

const isSum = ({ attributes }: { attributes: Attributes }) =>
  ['none', 'add', undefined].includes(attributes.reduction as string | undefined) ? 'jointly' : undefined;

const scatterElements: Layer = {
  affine: isSum,
  ...wholeMap,
  images: unlessAlongImages(0),
  inputs: [3, 3],
  attributes: { axis: 'int', reduction: 'text' },
  evaluate: (inputs, attributes) => {
    const x = need(inputs, 0, 'data');
    const axis = normalizeAxis(number(attributes, 'axis', 0), x.shape.length, 'scatter');
    const [indices, updates] = [need(inputs, 1, 'indices'), need(inputs, 2, 'updates')];
    const places = () => elementPlaces(indices, x.shape, axis);
    return scattered(x, updates, { indices, places, reduction: attributes.reduction });
  },
};

export const scattering: Layers = {
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  ScatterND: {
    affine: isSum,
    ...wholeMap,
    images: () => false,
    inputs: [3, 3],
    attributes: { reduction: 'text' },
    evaluate: (inputs, attributes) => {
      const x = need(inputs, 0, 'data');
      const [indices, updates] = [need(inputs, 1, 'indices'), need(inputs, 2, 'updates')];
      const slices = slicesOf(indices, x.shape);
      if (!sameShape(slices.shape, updates.shape)) {
        throw new ShapeError(
          `its updates must have the shape ${formatShape(slices.shape)}, got ${formatShape(updates.shape)}`,
        );
      }
      return scattered(x, updates, { indices, ...slices, reduction: attributes.reduction });
    },
  },
};
