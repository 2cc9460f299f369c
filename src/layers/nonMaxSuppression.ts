import { concrete } from '../autodiff/trace.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, valuesOf, wholeMap } from './layer.ts';

/** A box as [top, left, bottom, right]. */
function cornersOf(box: ArrayLike<number>, isCentred: boolean): number[] {
  const [a, b, c, d] = Array.from(box);
  if (isCentred) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

/** What two boxes share of what they cover. */
function overlap(a: readonly number[], b: readonly number[]): number {
  const area = ([top, left, bottom, right]: readonly number[]) =>
    Math.max(0, bottom - top) * Math.max(0, right - left);
  const shared = area([
    Math.max(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.min(a[3], b[3]),
  ]);
  const together = area(a) + area(b) - shared;
  return shared > 0 && together > 0 ? shared / together : 0;
}

interface Suppression {
  readonly most: number;
  readonly overlapFrom: number;
  readonly scoreFrom: number;
  readonly isCentred: boolean;
}

/** The best boxes of each image and class, those left out that overlap a better one: [[image, class, box], …]. */
function suppressed(
  boxes: Tensor,
  scores: Tensor,
  { most, overlapFrom, scoreFrom, isCentred }: Suppression,
): Tensor {
  const [images, classes, count] = scores.shape;
  if (scores.shape.length !== 3 || formatShape(boxes.shape) !== formatShape([images, count, 4]))
    throw new ShapeError(
      `its boxes ${formatShape(boxes.shape)} and scores ${formatShape(scores.shape)} do not fit`,
    );
  const [corners, values] = [boxes, scores].map((each) => contiguous(concrete(each)).data);
  const chosen: number[] = [];
  for (let image = 0; image < images; image++) {
    const own = Array.from({ length: count }, (_, i) =>
      cornersOf(corners.subarray((image * count + i) * 4, (image * count + i + 1) * 4), isCentred),
    );
    for (let each = 0; each < classes; each++) {
      const score = (i: number) => values[(image * classes + each) * count + i];
      const order = [...own.keys()]
        .filter((i) => score(i) > scoreFrom)
        .sort((a, b) => score(b) - score(a) || a - b);
      const kept: number[] = [];
      for (const i of order) {
        if (kept.length >= most) break;
        if (kept.every((other) => !(overlap(own[i], own[other]) > overlapFrom))) kept.push(i);
      }
      for (const i of kept) chosen.push(image, each, i);
    }
  }
  return fromData(Float64Array.from(chosen), [chosen.length / 3, 3]);
}

export const suppression: Layers = {
  NonMaxSuppression: {
    ...wholeMap,
    images: () => false,
    steeredFrom: 0,
    inputs: [2, 5],
    attributes: { center_point_box: 'int' },
    evaluate: (inputs, attributes) => {
      const first = (i: number, fallback: number) => valuesOf(inputs[i])?.[0] ?? fallback;
      return suppressed(need(inputs, 0, 'boxes'), need(inputs, 1, 'scores'), {
        most: first(2, 0),
        overlapFrom: first(3, 0),
        scoreFrom: first(4, Number.NEGATIVE_INFINITY),
        isCentred: number(attributes, 'center_point_box', 0) === 1,
      });
    },
    types: () => ['int64'],
  },
};
