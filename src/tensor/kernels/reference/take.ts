import { type Shape, sizeOf } from '../../shape.ts';
import { allocate, contiguous, fromData, type Tensor } from '../../tensor.ts';

/**
 * out[p] = x[index[p]], 0 where index[p] is −1. `inputShape` and `shape` are the trailing axes that the index speaks
 * of; axes of x before them are lanes and are carried along.
 */
export function takeEntries(x: Tensor, index: Int32Array, inputShape: Shape, shape: Shape): Tensor {
  const { data } = contiguous(x);
  const lanes = x.shape.slice(0, x.shape.length - inputShape.length);
  const size = sizeOf(inputShape);
  const out = allocate(sizeOf(lanes) * index.length, x.dtype);
  let position = 0;
  for (let base = 0; position < out.length; base += size) {
    for (let p = 0; p < index.length; p++) {
      const from = index[p];
      out[position++] = from < 0 ? 0 : data[base + from];
    }
  }
  return fromData(out, [...lanes, ...shape]);
}

/** The transpose of `takeEntries`: out[index[p]] += x[p], added in the order of p. */
export function putEntries(x: Tensor, index: Int32Array, inputShape: Shape, shape: Shape): Tensor {
  const { data } = contiguous(x);
  const lanes = x.shape.slice(0, x.shape.length - shape.length);
  const size = sizeOf(inputShape);
  const out = allocate(sizeOf(lanes) * size, x.dtype);
  let position = 0;
  for (let base = 0; position < data.length; base += size) {
    for (let p = 0; p < index.length; p++) {
      const to = index[p];
      if (to >= 0) out[base + to] += data[position];
      position++;
    }
  }
  return fromData(out, [...lanes, ...inputShape]);
}

/** Joins tensors along an axis counted from the end. Equal ranks and equal lengths elsewhere. */
export function concatenate(xs: readonly Tensor[], axis: number, dtype: Tensor['dtype']): Tensor {
  const rank = xs[0].shape.length;
  const at = rank + axis;
  const shape = [...xs[0].shape];
  shape[at] = xs.reduce((sum, x) => sum + x.shape[at], 0);
  const out = allocate(sizeOf(shape), dtype);
  const outer = sizeOf(shape.slice(0, at));
  const step = sizeOf(shape.slice(at));
  let start = 0;
  for (const x of xs) {
    const { data } = contiguous(x);
    const run = sizeOf(x.shape.slice(at));
    for (let row = 0; row < outer; row++) {
      out.set(data.subarray(row * run, (row + 1) * run), row * step + start);
    }
    start += run;
  }
  return fromData(out, shape);
}
