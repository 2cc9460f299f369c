import type { FloatArray } from '../tensor.ts';
import type { MatrixView } from './matmul.ts';
import { type Device, deviceOf } from './wasm/device.ts';
import { step } from './wasm/steps.ts';

/** More rows than this are worth packing the weights for. */
const MOST_ROWS = 64;
const CHUNK_FLOATS = 262144; // of weights
const CHUNK_COLUMNS = 1024;

/** Row-major weights of a product that lie in a device's memory, and which way the product reads them. */
interface Resident {
  readonly device: Device;
  readonly address: number;
  /** `rows`: every output reads one row of the weights; `columns`: one column. */
  readonly along: 'rows' | 'columns';
}

function residentWeights(
  { data, offset, rowStride, columnStride }: MatrixView,
  [depth, columns]: readonly [number, number],
): Resident | undefined {
  const device = deviceOf(data);
  if (device === undefined || !(data instanceof Float32Array)) return undefined;
  const address = data.byteOffset + offset * 4;
  if (rowStride === 1 && columnStride === depth) return { device, address, along: 'rows' };
  return columnStride === 1 && rowStride === columns ? { device, address, along: 'columns' } : undefined;
}

/**
 * out[at …] = left [rows, depth] · right [depth, columns] for few rows and float32 weights that lie in a device's memory: they are
 * read once, widened on the way. False where that is not so.
 */
export function multiplyResident(
  out: FloatArray,
  at: number,
  [left, right]: readonly [MatrixView, MatrixView],
  [rows, depth, columns]: readonly [number, number, number],
): boolean {
  if (rows > MOST_ROWS || rows * depth * columns === 0) return false;
  const weights = residentWeights(right, [depth, columns]);
  if (weights === undefined) return false;
  const { device, address, along } = weights;
  const input = device.reserve(rows * depth * 8);
  const output = device.reserve(rows * columns * 8);
  try {
    const x = device.float64(input, rows * depth);
    for (let i = 0; i < rows; i++) {
      let from = left.offset + i * left.rowStride;
      for (let k = 0; k < depth; k++, from += left.columnStride) x[i * depth + k] = left.data[from];
    }
    const block = along === 'rows' ? Math.max(2, Math.floor(CHUNK_FLOATS / depth / 2) * 2) : CHUNK_COLUMNS;
    const program = device.compile([
      step(along === 'rows' ? 'fewRowsForward' : 'fewRowsBackward', Math.ceil(columns / block), {
        input,
        weights: address,
        output,
        rows,
        outputs: along === 'rows' ? columns : depth,
        depth: along === 'rows' ? depth : columns,
        block,
      }),
    ]);
    program.run();
    program.release();
    out.set(device.float64(output, rows * columns), at);
  } finally {
    device.release(input);
    device.release(output);
  }
  return true;
}
