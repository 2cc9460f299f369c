import { InputError } from '../tensor/errors.ts';
import { wantNumber } from '../tensor/options.ts';
import { checkShape, type Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Rectangle } from './picture.ts';
import { RECTANGLE, wantMap, wantNumbers } from './wanted.ts';

/** A rectangle of a map's cells, half-open: rows y0 … y1 − 1, columns x0 … x1 − 1. */
export interface CellBox {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

/**
 * Cells of a map [H, W] as pixels of a picture, on `seen` of which the map lies.
 * @example
 * cellsOn({ y0: 0, x0: 1, y1: 1, x1: 2 }, [2, 4], { x: 10, y: 0, width: 40, height: 40 }) // { x: 20, y: 0, width: 10, height: 20 }
 */
export function cellsOn(box: CellBox, shape: Shape, seen: Rectangle): Rectangle {
  const action = 'place the cells';
  wantNumbers(box, ['y0', 'x0', 'y1', 'x1'], 'the box', action);
  wantNumbers(seen, RECTANGLE, 'what is seen', action);
  checkShape(shape, action);
  const [{ y0, x0, y1, x1 }, [rows, columns]] = [box, shape];
  const [sx, sy] = [seen.width / columns, seen.height / rows];
  return { x: seen.x + x0 * sx, y: seen.y + y0 * sy, width: (x1 - x0) * sx, height: (y1 - y0) * sy };
}

/**
 * The smallest box round all cells of a map [H, W] that have at least this share, 0 … 1, of its maximum: where the network looks, as a
 * box. Undefined where no cell is above 0.
 * @throws InputError for a share outside of 0 … 1.
 * @example
 * thresholdBox(tensor([[0, 1, 0], [0, 0.5, 0.1]]), 0.5) // { y0: 0, x0: 1, y1: 2, x1: 2 }
 */
export function thresholdBox(map: Tensor, share: number): CellBox | undefined {
  wantNumber(share, 'the share', 'find the box');
  if (!(share >= 0 && share <= 1)) {
    throw new InputError(`Cannot find the box: the share must be from 0 to 1, got ${share}`);
  }
  const { data, shape } = wantMap(map, 'find the box');
  const [rows, columns] = shape;
  let most = 0;
  for (const value of data) most = Math.max(most, value);
  const least = share * most;
  let [y0, x0, y1, x1] = [rows, columns, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (!(data[i] > 0 && data[i] >= least)) continue;
    const [y, x] = [Math.floor(i / columns), i % columns];
    [y0, x0, y1, x1] = [Math.min(y0, y), Math.min(x0, x), Math.max(y1, y + 1), Math.max(x1, x + 1)];
  }
  return y1 === 0 ? undefined : { y0, x0, y1, x1 };
}
