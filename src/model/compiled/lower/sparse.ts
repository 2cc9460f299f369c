/** Products of sparse constant matrices with one axis of a value. */
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { reshaped } from './copies.ts';
import { arranged, type Lowered, type LoweringContext } from './lowering.ts';
import { stretch } from './shapes.ts';
import { type DeviceValue, newValue, type Operation, orderOf } from './values.ts';
import { expanded } from './views.ts';

/** Entries of a matrix by rows: what each output is made of. */
export interface Sparse {
  readonly rows: readonly (readonly (readonly [column: number, factor: number])[])[];
  readonly columns: number;
}

/** Rows that choose one column each; −1 chooses none. */
export const choosing = (chosen: readonly number[], columns: number): Sparse => ({
  rows: chosen.map((each) => (each < 0 ? [] : [[each, 1]])),
  columns,
});

export function transposedSparse({ rows, columns }: Sparse): Sparse {
  const turned: (readonly [number, number])[][] = Array.from({ length: columns }, () => []);
  for (const [row, entries] of rows.entries()) {
    for (const [column, factor] of entries) turned[column].push([row, factor]);
  }
  return { rows: turned, columns: rows.length };
}

/** A matrix as lists of numbers, for the attributes of a node; and the other way. */
export function packSparse({ rows, columns }: Sparse) {
  return {
    counts: rows.map((row) => row.length),
    places: rows.flatMap((row) => row.map(([column]) => column)),
    factors: rows.flatMap((row) => row.map(([, factor]) => factor)),
    columns,
  };
}

export function unpackSparse({ counts, places, factors, columns }: ReturnType<typeof packSparse>): Sparse {
  let at = 0;
  const rows = counts.map((count) =>
    Array.from({ length: count }, () => {
      const entry = [places[at], factors[at]] as const;
      at += 1;
      return entry;
    }),
  );
  return { rows, columns };
}

/** The first of `count` numbers from which rows go up one by one, each with factor 1. */
function stretchOf({ rows }: Sparse): number | undefined {
  const start = rows[0][0]?.[0];
  const isStretch = rows.every((row, i) => row.length === 1 && row[0][0] === start + i && row[0][1] === 1);
  return isStretch ? start : undefined;
}

/** Where each row begins, then the columns of all entries, then their factors. */
function writeMatrix(out: Float32Array, { rows }: Sparse, count: number): void {
  const words = new Int32Array(out.buffer, out.byteOffset, out.length);
  let at = 0;
  for (const [o, row] of rows.entries()) {
    words[o] = at;
    for (const [column, factor] of row) {
      words[rows.length + 1 + at] = column;
      out[rows.length + 1 + count + at] = factor;
      at++;
    }
  }
  words[rows.length] = at;
}

/** The value without gaps, its vectors along another axis than the one that is multiplied. */
function inOwnOrder(
  context: LoweringContext,
  given: DeviceValue,
  axis: number,
): { x: DeviceValue; own: readonly number[] } {
  const order = orderOf(given);
  const own = axis === order.at(-1) ? [axis, ...order.slice(0, -1)] : order;
  const dense = newValue(given.shape, own);
  const isDense = own === order && given.strides.every((stride, i) => stride === dense.strides[i]);
  return { x: isDense ? given : arranged(context, given, own), own };
}

/** A matrix times one axis. `name` tells its constants from others of the node. */
export function alongAxis(
  context: LoweringContext,
  given: DeviceValue,
  { axis, matrix, name }: { axis: number; matrix: Sparse; name: string },
): Lowered {
  const start = stretchOf(matrix);
  if (start !== undefined) return stretch(given, { axis, start, length: matrix.rows.length });
  if (given.shape.length === 1) {
    const row = expanded(given, [1, ...given.shape]) as DeviceValue;
    const { output, operations } = alongAxis(context, row, { axis: 1, matrix, name });
    const { output: line, operations: more } = reshaped(output, [matrix.rows.length]);
    return { output: line, operations: [...operations, ...more] };
  }
  const { x, own } = inOwnOrder(context, given, axis);
  const shape = x.shape.map((length, i) => (i === axis ? matrix.rows.length : length));
  const output = newValue(shape, own);
  const bytes = x.strides[axis] * 4;
  const count = matrix.rows.reduce((sum, row) => sum + row.length, 0);
  const outputs = matrix.rows.length;
  const key = `${context.node.outputs[0]} matrix ${name} ${x.shape} ${outputs}`;
  const address = context.weights.place(key, outputs + 1 + 2 * count, (out) =>
    writeMatrix(out, matrix, count),
  );
  const outer = own.slice(0, own.indexOf(axis));
  return {
    output,
    operations: [
      {
        reads: [x.buffer],
        writes: [output.buffer],
        work: 2 * count * (sizeOf(x.shape) / x.shape[axis]),
        steps: (at) => [
          step('mix', outputs * sizeOf(outer.map((each) => x.shape[each])), {
            input: at(x.buffer),
            output: at(output.buffer),
            starts: address,
            columns: address + 4 * (outputs + 1),
            factors: address + 4 * (outputs + 1 + count),
            ...{ outputs, bytes, inputOuterBytes: bytes * x.shape[axis], inputAxisBytes: bytes },
          }),
        ],
      },
    ],
  };
}

/** Matrices along several axes, one after another. */
export function alongAxes(
  context: LoweringContext,
  x: DeviceValue,
  matrices: readonly { readonly axis: number; readonly matrix: Sparse }[],
): Lowered {
  let output = x;
  let operations: Operation[] = [];
  for (const { axis, matrix } of matrices) {
    const part = alongAxis(context, output, { axis, matrix, name: `${axis}` });
    operations = [...operations, ...context.before.splice(0), ...part.operations];
    output = part.output;
  }
  return { output, operations };
}
