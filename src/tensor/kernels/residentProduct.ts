import type { FloatArray } from '../tensor.ts';
import { backend } from './backend.ts';
import { type MatrixView, type PackOptions, packRows } from './reference/panels.ts';
import { type Device, deviceOf } from './wasm/device.ts';
import { step } from './wasm/steps.ts';
import { MOST_THREADS } from './wasm/threads.ts';

/** Most columns per chunk: many where they are adjacent in memory (long reads), few where each is a stretch of its own. */
const COLUMNS_ALONG = 512;
const COLUMNS_ACROSS = 64;
const COLUMNS_FEW_ROWS = 1024; // their sums stay in the first-level cache
const FEWEST_CHUNKS = 16;
/** Of sums, and of widened weights, that a thread has in the second-level cache. */
const CACHED_BYTES = 2 ** 18;
const SHORTEST_SLICE = 64; // depths
const LONGEST_SLICE = 512;
/** Up to so many rows are multiplied without panels. */
const FEW_ROWS = 3;
const ROWS = 1024; // that share one widening of the weights: bounds the sums held

/** Row-major float32 weights of a product that lie in a device's memory. */
interface Resident {
  readonly device: Device;
  readonly address: number;
  readonly columnBytes: number;
  readonly depthBytes: number;
}

function residentWeights(
  { data, offset, rowStride, columnStride }: MatrixView,
  [depth, columns]: readonly [number, number],
): Resident | undefined {
  const device = deviceOf(data);
  if (device === undefined || !(data instanceof Float32Array)) return undefined;
  const inRows = columnStride === 1 && rowStride === columns;
  const inColumns = rowStride === 1 && columnStride === depth;
  if (!inRows && !inColumns) return undefined;
  const address = data.byteOffset + offset * 4;
  return { device, address, columnBytes: columnStride * 4, depthBytes: rowStride * 4 };
}

/** The depths at which any row of a left factor is not 0: adding the others would change no bit. */
function activeDepths(
  { data, offset, rowStride, columnStride }: MatrixView,
  rows: number,
  depth: number,
): Int32Array {
  const marks = new Uint8Array(depth);
  for (let i = 0; i < rows; i++) {
    let at = offset + i * rowStride;
    for (let k = 0; k < depth; k++, at += columnStride) if (data[at] !== 0) marks[k] = 1;
  }
  const active: number[] = [];
  for (let k = 0; k < depth; k++) if (marks[k] === 1) active.push(k);
  return Int32Array.from(active);
}

/** The rows of a left factor side by side. */
function gatherRows(
  { data, offset, rowStride, columnStride }: MatrixView,
  [rows, full]: readonly [number, number],
  { floats, chosen }: PackOptions,
): Float64Array {
  const depth = chosen?.length ?? full;
  const out = floats(rows * depth);
  for (let i = 0; i < rows; i++) {
    const from = offset + i * rowStride;
    for (let k = 0; k < depth; k++) out[i * depth + k] = data[from + (chosen?.[k] ?? k) * columnStride];
  }
  return out;
}

/** Slices of the depth one after another, each as panels of four rows. */
function packSlices(
  view: MatrixView,
  [rows, full]: readonly [number, number],
  { floats, chosen, slice }: PackOptions & { readonly slice: number },
): Float64Array {
  const depth = chosen?.length ?? full;
  const tall = Math.ceil(rows / 4) * 4;
  const out = floats(tall * depth);
  for (let start = 0; start < depth; start += slice) {
    const count = Math.min(slice, depth - start);
    const target = out.subarray(tall * start, tall * (start + count));
    const part = chosen === undefined ? { ...view, offset: view.offset + start * view.columnStride } : view;
    packRows(part, [rows, count], { floats: () => target, chosen: chosen?.subarray(start, start + count) });
  }
  return out;
}

/**
 * Columns and depths of one block, so that its sums and its widened weights stay in the second-level cache. Columns in eights: so many
 * are written at once.
 */
function blockOf(rows: number, columns: number, along: boolean): { block: number; slice: number } {
  const cached = Math.floor(CACHED_BYTES / 64 / rows) * 8;
  const shared = Math.ceil(columns / FEWEST_CHUNKS / 8) * 8;
  const block = Math.max(16, Math.min(along ? COLUMNS_ALONG : COLUMNS_ACROSS, cached, shared));
  const slice = Math.floor(CACHED_BYTES / 32 / block) * 4;
  return { block, slice: Math.max(SHORTEST_SLICE, Math.min(LONGEST_SLICE, slice)) };
}

/**
 * out[at …] = left [rows, depth] · right [depth, columns] for float32 weights that lie in a device's memory: they are widened on the
 * way, and where they are read row by row, only the rows that meet a left entry other than 0. Sums in float64, the depth in
 * order. False where the weights lie elsewhere, or the reference computes.
 */
export function multiplyResident(
  out: FloatArray,
  at: number,
  [left, right]: readonly [MatrixView, MatrixView],
  [rows, depth, columns]: readonly [number, number, number],
): boolean {
  if (rows * depth * columns === 0 || backend().name !== 'wasm') return false;
  const weights = residentWeights(right, [depth, columns]);
  if (weights === undefined) return false;
  for (let row = 0; row < rows; row += ROWS) {
    const part = { ...left, offset: left.offset + row * left.rowStride };
    const count = Math.min(ROWS, rows - row);
    multiplyRows(out, at + row * columns, [part, weights], [count, depth, columns]);
  }
  return true;
}

function multiplyRows(
  out: FloatArray,
  at: number,
  [left, { device, address, columnBytes, depthBytes }]: readonly [MatrixView, Resident],
  [rows, depth, columns]: readonly [number, number, number],
): void {
  const reserved: number[] = [];
  const reserve = (bytes: number) => {
    reserved.push(device.reserve(bytes));
    return reserved[reserved.length - 1];
  };
  const floats = (length: number) => device.float64(reserve(length * 8), length).fill(0);
  try {
    const active = columnBytes === 4 ? activeDepths(left, rows, depth) : undefined;
    const chosen = active !== undefined && active.length < depth ? active : undefined;
    if (chosen?.length === 0) {
      out.fill(0, at, at + rows * columns);
      return;
    }
    const few = rows <= FEW_ROWS;
    const along = columnBytes === 4;
    const tall = few ? rows : Math.ceil(rows / 4) * 4;
    const { block, slice } = blockOf(tall, columns, along);
    const factor = few
      ? gatherRows(left, [rows, depth], { floats, chosen })
      : packSlices(left, [rows, depth], { floats, chosen, slice });
    const list = chosen && device.bytes(reserve(chosen.byteLength), chosen.byteLength);
    if (chosen !== undefined) list?.set(new Uint8Array(chosen.buffer));
    const padded = Math.ceil(columns / 8) * 8;
    const product = floats(tall * padded);
    const scratchBytes = few ? 0 : (block / 4) * (slice * 32 + 64 + tall * 32);
    const columnsAtOnce = few && along ? COLUMNS_FEW_ROWS : block;
    const program = device.compile([
      step(
        few ? (along ? 'fewRowsAlong' : 'fewRowsAcross') : 'multiplyWidened',
        Math.ceil(columns / columnsAtOnce),
        {
          left: factor.byteOffset,
          weights: address,
          chosen: list?.byteOffset ?? 0,
          output: product.byteOffset,
          scratch: reserve(scratchBytes * MOST_THREADS),
          scratchBytes,
          rows: tall,
          columns,
          depth: chosen?.length ?? depth,
          columnBytes,
          depthBytes,
          outputRowBytes: padded * 8,
          block: columnsAtOnce,
          slice,
        },
      ),
    ]);
    program.run();
    program.release();
    for (let i = 0; i < rows; i++) {
      out.set(product.subarray(i * padded, i * padded + columns), at + i * columns);
    }
  } finally {
    for (const each of reserved) device.release(each);
  }
}
