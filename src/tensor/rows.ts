import { contiguous, fromData, type Tensor, zeros } from './tensor.ts';

/** Row i of x [N, …] as a batch of one, [1, …]. x itself where it has one row. */
export function batchRow(x: Tensor, i: number): Tensor {
  const [count, ...shape] = x.shape;
  if (count === 1) return x;
  const { data } = contiguous(x);
  const size = data.length / count;
  return fromData(data.slice(i * size, (i + 1) * size), [1, ...shape]);
}

/** Batches of one, [1, …], as one tensor [N, …]. */
export function stackRows(rows: readonly Tensor[]): Tensor {
  if (rows.length === 1) return rows[0];
  const [{ shape, dtype }] = rows;
  const stacked = zeros([rows.length, ...shape.slice(1)], dtype);
  rows.forEach((row, i) => {
    const { data } = contiguous(row);
    stacked.data.set(data, i * data.length);
  });
  return stacked;
}
