import { ShapeError } from '../../tensor/errors.ts';
import { formatShape } from '../../tensor/shape.ts';
import { contiguous, type TensorLike, toTensor } from '../../tensor/tensor.ts';
import type { Mask, Relevance } from './metric.ts';

/** Why a map says nothing: no entry is above 0, or one is not finite. */
export type Unusable = 'empty' | 'nan';

/**
 * The positive part of a map [H, W], as metrics read it; or why it says nothing.
 * @throws ShapeError for another rank, and a map without cells.
 * @example
 * const map = relevanceOf(tensor([[0, -1], [2, 4]]));
 * typeof map === 'string' ? map : map.most // 4
 * relevanceOf(tensor([[0, -1]])) // 'empty'
 */
export function relevanceOf(map: TensorLike): Relevance | Unusable {
  const action = 'measure the map';
  const given = contiguous(toTensor(map, action));
  const [height, width] = given.shape;
  if (given.shape.length !== 2 || given.data.length === 0) {
    throw new ShapeError(`Cannot ${action}: [H, W] is wanted, got ${formatShape(given.shape)}`);
  }
  const data = Float64Array.from(given.data, (value) => (value > 0 ? value : value <= 0 ? 0 : Number.NaN));
  let most = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) return 'nan';
    most = Math.max(most, value);
  }
  return most > 0 ? { height, width, data, most } : 'empty';
}

/** The pixels of any of the masks: 1 inside, 0 outside. */
export function unionOf(masks: readonly Mask[], size: number): Uint8Array {
  const inside = new Uint8Array(size);
  for (const mask of masks) for (let i = 0; i < size; i++) if (mask[i] !== 0) inside[i] = 1;
  return inside;
}

/** Σ of the map inside of each mask. */
export const sumsInside = ({ data }: Relevance, masks: readonly Mask[]): number[] =>
  masks.map((mask) => data.reduce((sum, value, i) => (mask[i] !== 0 ? sum + value : sum), 0));

/** Σ of the map. */
export const totalOf = ({ data }: Relevance): number => data.reduce((sum, value) => sum + value, 0);

/** The map divided by its largest value. */
export const normalizedOf = ({ data, most }: Relevance): Float64Array => data.map((value) => value / most);
