import { broadcastShapes, type Shape, sameShape, sizeOf } from '../shape.ts';
import { allocate, contiguous, type DType, type FloatArray, fromData, type Tensor } from '../tensor.ts';

/** float64 wins where precisions meet. */
export function commonDType(xs: readonly Tensor[]): DType {
  return xs.some((x) => x.dtype === 'float64') ? 'float64' : 'float32';
}

/** f of every entry. */
export function mapEntries(x: Tensor, f: (x: number) => number): Tensor {
  const { data } = contiguous(x);
  const out = allocate(data.length, x.dtype);
  for (let i = 0; i < data.length; i++) out[i] = f(data[i]);
  return fromData(out, x.shape);
}

/**
 * For an operand of `shape` spread over `target` (equal ranks or fewer): the operand's index for each run of the
 * innermost axis, and its step along it.
 */
function spread(shape: Shape, target: Shape): { starts: Int32Array; step: number } {
  const rank = target.length;
  const missing = rank - shape.length;
  const stride = new Array<number>(rank).fill(0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1) stride[axis + missing] = step;
    step *= shape[axis];
  }
  const inner = rank === 0 ? 1 : target[rank - 1];
  const runs = inner === 0 ? 0 : sizeOf(target) / inner;
  const starts = new Int32Array(runs);
  const at = new Int32Array(rank);
  let index = 0;
  for (let run = 0; run < runs; run++) {
    starts[run] = index;
    for (let axis = rank - 2; axis >= 0; axis--) {
      index += stride[axis];
      if (++at[axis] < target[axis]) break;
      index -= target[axis] * stride[axis];
      at[axis] = 0;
    }
  }
  return { starts, step: rank === 0 ? 0 : stride[rank - 1] };
}

/** f of pairs of entries, broadcast. */
export function zipEntries(
  x: Tensor,
  y: Tensor,
  f: (x: number, y: number) => number,
  action: string,
): Tensor {
  const a = contiguous(x).data;
  const b = contiguous(y).data;
  const dtype = commonDType([x, y]);
  if (sameShape(x.shape, y.shape)) {
    const out = allocate(a.length, dtype);
    for (let i = 0; i < a.length; i++) out[i] = f(a[i], b[i]);
    return fromData(out, x.shape);
  }
  const shape = broadcastShapes([x.shape, y.shape], action);
  const out = allocate(sizeOf(shape), dtype);
  const inner = shape[shape.length - 1];
  const left = spread(x.shape, shape);
  const right = spread(y.shape, shape);
  let position = 0;
  for (let run = 0; run < left.starts.length; run++) {
    let i = left.starts[run];
    let j = right.starts[run];
    for (let k = 0; k < inner; k++) {
      out[position++] = f(a[i], b[j]);
      i += left.step;
      j += right.step;
    }
  }
  return fromData(out, shape);
}

/** Entries of x repeated along axes of length 1 (and along new leading axes) until the shape is `shape`. */
export function broadcastEntries(x: Tensor, shape: Shape): Tensor {
  const { data } = contiguous(x);
  const out = allocate(sizeOf(shape), x.dtype);
  const { starts, step } = spread(x.shape, shape);
  const inner = shape.length === 0 ? 1 : shape[shape.length - 1];
  let position = 0;
  for (let run = 0; run < starts.length; run++) {
    let i = starts[run];
    for (let k = 0; k < inner; k++) {
      out[position++] = data[i];
      i += step;
    }
  }
  return fromData(out, shape);
}

export type ArithmeticOperation = 'add' | 'sub' | 'mul';

interface Run {
  readonly at: number;
  readonly step: number;
}

/** One row of x ∘ y. A loop for each operation: a shared one would call a function for every entry. */
function arithmeticRow(
  out: FloatArray,
  [from, count]: readonly [number, number],
  [a, left]: readonly [FloatArray, Run],
  [b, right]: readonly [FloatArray, Run],
  operation: ArithmeticOperation,
): void {
  const end = from + count;
  let i = left.at;
  let j = right.at;
  if (operation === 'mul') {
    for (let p = from; p < end; p++, i += left.step, j += right.step) out[p] = a[i] * b[j];
  } else if (operation === 'add') {
    for (let p = from; p < end; p++, i += left.step, j += right.step) out[p] = a[i] + b[j];
  } else {
    for (let p = from; p < end; p++, i += left.step, j += right.step) out[p] = a[i] - b[j];
  }
}

/** x + y, x − y or x · y entry by entry, broadcast. */
export function zipArithmetic(x: Tensor, y: Tensor, operation: ArithmeticOperation): Tensor {
  const a = contiguous(x).data;
  const b = contiguous(y).data;
  const dtype = commonDType([x, y]);
  if (sameShape(x.shape, y.shape) || b.length === 1 || a.length === 1) {
    const shape = broadcastShapes([x.shape, y.shape], operation);
    const out = allocate(sizeOf(shape), dtype);
    const whole = (data: FloatArray): [FloatArray, Run] => [data, { at: 0, step: data.length === 1 ? 0 : 1 }];
    arithmeticRow(out, [0, out.length], whole(a), whole(b), operation);
    return fromData(out, shape);
  }
  const shape = broadcastShapes([x.shape, y.shape], operation);
  const out = allocate(sizeOf(shape), dtype);
  const inner = shape[shape.length - 1];
  const left = spread(x.shape, shape);
  const right = spread(y.shape, shape);
  for (let run = 0; run < left.starts.length; run++) {
    const own: [FloatArray, Run] = [a, { at: left.starts[run], step: left.step }];
    const other: [FloatArray, Run] = [b, { at: right.starts[run], step: right.step }];
    arithmeticRow(out, [run * inner, inner], own, other, operation);
  }
  return fromData(out, shape);
}
