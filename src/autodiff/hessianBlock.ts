import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { blocksOf, oneHots } from './diagonal/entries.ts';
import { hvp } from './mixed.ts';
import { concrete } from './trace.ts';

const action = 'take a block of the Hessian';

/** Numbers that the tangents of one step hold at most. */
const STEP_VALUES = 2 ** 22;

function positions(given: ArrayLike<number>, size: number, name: string): Int32Array {
  const isList = Array.isArray(given) || (ArrayBuffer.isView(given) && 'length' in given);
  if (!isList)
    throw new InputError(`Cannot ${action}: ${name} are positions of entries, got ${describe(given)}`);
  for (let i = 0; i < given.length; i++) {
    if (Number.isInteger(given[i]) && given[i] >= 0 && given[i] < size) continue;
    throw new InputError(
      `Cannot ${action}: ${name} are whole numbers from 0 to ${size - 1}, got ${describe(given[i])}`,
    );
  }
  return Int32Array.from(given);
}

/**
 * The second derivatives ∂²f/∂a_i∂a_j of a scalar function for i among `rows` and j among `columns`, which are row-major positions of
 * entries of a: [rows.length, columns.length]. Rows of one feature map and columns of another say how the two act together.
 * Cost: one Hessian-vector product (about two gradients) for each of the fewer of rows and columns.
 * @throws ShapeError when f's output is not a scalar. @throws InputError for positions that a does not have.
 * Source: Pearlmutter 1994, "Fast exact multiplication by the Hessian"; the Hessian is symmetric.
 * @example
 * hessianBlock((x) => prod(x), [2, 3, 5], [0, 1], [2]) // [[3], [2]]
 */
export function hessianBlock(
  f: (a: Tensor) => Tensor,
  a: TensorLike,
  ...[rows, columns]: readonly [rows: ArrayLike<number>, columns: ArrayLike<number>]
): Tensor {
  const point = contiguous(toTensor(a, action));
  const size = sizeOf(point.shape);
  const [r, c] = [positions(rows, size, 'rows'), positions(columns, size, 'columns')];
  const [along, across] = r.length <= c.length ? [r, c] : [c, r];
  const out = new Float64Array(roomFor(r.length * c.length));
  const stride = along === r ? [c.length, 1] : [1, c.length];
  let at = 0;
  for (const block of blocksOf(along, Math.max(1, Math.floor(STEP_VALUES / size)))) {
    const products = contiguous(concrete(hvp(f, point, oneHots(block, concrete(point))))).data;
    for (let lane = 0; lane < block.length; lane++, at++) {
      for (let j = 0; j < across.length; j++)
        out[at * stride[0] + j * stride[1]] = products[lane * size + across[j]];
    }
  }
  return fromData(out, [r.length, c.length]);
}
