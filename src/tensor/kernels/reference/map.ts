import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../shape.ts';
import {
  allocate,
  contiguous,
  type DType,
  type FloatArray,
  fromData,
  type Tensor,
  withData,
} from '../../tensor.ts';

/** float64 wins where precisions meet. */
export function commonDType(xs: readonly Tensor[]): DType {
  for (let i = 0; i < xs.length; i++) if (xs[i].dtype === 'float64') return 'float64';
  return 'float32';
}

/** f of every entry. */
export function mapEntries(x: Tensor, f: (x: number) => number): Tensor {
  const source = contiguous(x);
  const { data } = source;
  const out = allocate(data.length, x.dtype);
  for (let i = 0; i < data.length; i++) out[i] = f(data[i]);
  return withData(source, out);
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

const widerDType = (x: Tensor, y: Tensor): DType => (x.dtype === 'float64' ? x.dtype : y.dtype);

/**
 * The one of two operands whose shape the result has, where they have the same shape or the other has a single entry; undefined
 * where they broadcast in any other way.
 */
function coveringOf(x: Tensor, y: Tensor): Tensor | undefined {
  if (sameShape(x.shape, y.shape)) return x;
  if (y.data.length === 1 && y.shape.length <= x.shape.length) return x;
  return x.data.length === 1 && x.shape.length <= y.shape.length ? y : undefined;
}

/** f of pairs of entries, broadcast. */
export function zipEntries(
  x: Tensor,
  y: Tensor,
  f: (x: number, y: number) => number,
  action: string,
): Tensor {
  const [a, b] = [contiguous(x), contiguous(y)];
  const dtype = widerDType(x, y);
  const like = coveringOf(a, b);
  if (like !== undefined) {
    const out = allocate(like.data.length, dtype);
    const down = a.data.length === 1 ? 0 : 1;
    const across = b.data.length === 1 ? 0 : 1;
    for (let p = 0, i = 0, j = 0; p < out.length; p++, i += down, j += across) {
      out[p] = f(a.data[i], b.data[j]);
    }
    return withData(like, out);
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
      out[position++] = f(a.data[i], b.data[j]);
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

/** Entries at, at + step, … of an array. */
interface Run {
  readonly data: FloatArray;
  at: number;
  readonly step: number;
}

/** One row of x ∘ y, `end` the index behind its last entry. A loop for each operation: a shared one would call a function for every entry. */
function arithmeticRow(
  { data: out, at, end }: { readonly data: FloatArray; readonly at: number; readonly end: number },
  [left, right]: readonly [Run, Run],
  operation: ArithmeticOperation,
): void {
  const { data: a, step: down } = left;
  const { data: b, step: across } = right;
  let i = left.at;
  let j = right.at;
  if (operation === 'mul') {
    for (let p = at; p < end; p++, i += down, j += across) out[p] = a[i] * b[j];
  } else if (operation === 'add') {
    for (let p = at; p < end; p++, i += down, j += across) out[p] = a[i] + b[j];
  } else {
    for (let p = at; p < end; p++, i += down, j += across) out[p] = a[i] - b[j];
  }
}

/** x ∘ y where the result has the shape of `like`, one of the two, and the other has the same or a single entry. */
function wholeArithmetic(
  [x, y]: readonly [Tensor, Tensor],
  like: Tensor,
  operation: ArithmeticOperation,
): Tensor {
  const [a, b] = [x.data, y.data];
  const dtype = widerDType(x, y);
  const out = allocate(like.data.length, dtype);
  if (out.length === 1) {
    out[0] = operation === 'mul' ? a[0] * b[0] : operation === 'add' ? a[0] + b[0] : a[0] - b[0];
  } else {
    const whole = (data: FloatArray): Run => ({ data, at: 0, step: data.length === 1 ? 0 : 1 });
    arithmeticRow({ data: out, at: 0, end: out.length }, [whole(a), whole(b)], operation);
  }
  return withData(like, out);
}

/** x + y, x − y or x · y entry by entry, broadcast. */
export function zipArithmetic(x: Tensor, y: Tensor, operation: ArithmeticOperation): Tensor {
  const a = contiguous(x);
  const b = contiguous(y);
  const like = coveringOf(a, b);
  if (like !== undefined) return wholeArithmetic([a, b], like, operation);
  const shape = broadcastShapes([x.shape, y.shape], operation);
  const out = allocate(sizeOf(shape), widerDType(x, y));
  const inner = shape[shape.length - 1];
  const left = spread(x.shape, shape);
  const right = spread(y.shape, shape);
  const runs: readonly [Run, Run] = [
    { data: a.data, at: 0, step: left.step },
    { data: b.data, at: 0, step: right.step },
  ];
  for (let run = 0; run < left.starts.length; run++) {
    runs[0].at = left.starts[run];
    runs[1].at = right.starts[run];
    arithmeticRow({ data: out, at: run * inner, end: (run + 1) * inner }, runs, operation);
  }
  return fromData(out, shape);
}
