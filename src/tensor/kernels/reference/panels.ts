import type { FloatArray } from '../../tensor.ts';

/** A matrix inside an array: entry (i, j) is data[offset + i·rowStride + j·columnStride]. */
export interface MatrixView {
  readonly data: FloatArray;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

const TILE = 4;
const DEPTH = 256;

/** Rows of `TILE` consecutive rows (or columns) interleaved by depth, padded with zeros, as float64. */
export interface Panels {
  readonly data: Float64Array;
  /** How many rows (of the left factor) or columns (of the right factor). */
  readonly count: number;
  readonly depth: number;
}

/** Gives zeros for panels. */
export type Floats = (length: number) => Float64Array;

interface Packing {
  readonly floats: Floats;
  readonly count: number;
  readonly depth: number;
  /** Steps in the data along the packed axis and along the depth. */
  readonly along: number;
  readonly deep: number;
  /** Depths that are taken; all unless given. */
  readonly chosen?: Int32Array | undefined;
}

function pack(view: MatrixView, { floats, count, depth: full, along, deep, chosen }: Packing): Panels {
  const depth = chosen?.length ?? full;
  const { data, offset } = view;
  const panels = Math.ceil(count / TILE);
  const out = floats(panels * depth * TILE);
  for (let panel = 0; panel < panels; panel++) {
    const width = Math.min(TILE, count - panel * TILE);
    const target = panel * depth * TILE;
    for (let lane = 0; lane < width; lane++) {
      const from = offset + (panel * TILE + lane) * along;
      for (let k = 0, to = target + lane; k < depth; k++, to += TILE) {
        out[to] = data[from + (chosen === undefined ? k : chosen[k]) * deep];
      }
    }
  }
  return { data: out, count, depth };
}

/** How a factor is packed: where to, and which depths; all unless given. */
export interface PackOptions {
  readonly floats: Floats;
  readonly chosen?: Int32Array | undefined;
}

/** Packs a left factor [rows, depth]. */
export function packRows(
  view: MatrixView,
  [rows, depth]: readonly [number, number],
  options: PackOptions,
): Panels {
  return pack(view, { ...options, count: rows, depth, along: view.rowStride, deep: view.columnStride });
}

/** Packs a right factor [depth, columns]. */
export function packColumns(
  view: MatrixView,
  [depth, columns]: readonly [number, number],
  options: PackOptions,
): Panels {
  return pack(view, { ...options, count: columns, depth, along: view.columnStride, deep: view.rowStride });
}

/**
 * The rows of a right factor [depth, columns] that hold anything but zeros, where they are few enough to be worth leaving the
 * others out: a product's bits do not change, since adding 0 changes nothing. Undefined where most rows count.
 */
export function sparseRows(view: MatrixView, depth: number, columns: number): Int32Array | undefined {
  const { data, offset, rowStride, columnStride } = view;
  const most = depth / 2;
  const rows: number[] = [];
  for (let k = 0; k < depth; k++) {
    let at = offset + k * rowStride;
    const end = at + columns * columnStride;
    while (at < end && data[at] === 0) at += columnStride;
    if (at < end) rows.push(k);
    if (rows.length > most) return undefined;
  }
  return Int32Array.from(rows);
}

/**
 * out[i, j] = Σ_k left[i, k] · right[k, j] (+ out[i, j] when `accumulate`), out a row-major matrix in an array.
 * Every entry is summed over k in order, in float64, whatever the tiles: its bits do not depend on its neighbours.
 */
export function multiplyPanels(
  out: FloatArray,
  { offset, rowStride, accumulate }: { offset: number; rowStride: number; accumulate: boolean },
  [left, right]: readonly [Panels, Panels],
): void {
  const depth = left.depth;
  const a = left.data;
  const b = right.data;
  const tile = new Float64Array(TILE * TILE);
  for (let column = 0; column < right.count; column += TILE) {
    const columns = Math.min(TILE, right.count - column);
    for (let row = 0; row < left.count; row += TILE) {
      const rows = Math.min(TILE, left.count - row);
      tile.fill(0);
      if (accumulate) {
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++)
            tile[i * TILE + j] = out[offset + (row + i) * rowStride + column + j];
        }
      }
      for (let start = 0; start < depth; start += DEPTH) {
        const length = Math.min(DEPTH, depth - start) * TILE;
        multiplyTile(tile, a, row * depth + start * TILE, b, column * depth + start * TILE, length);
      }
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++)
          out[offset + (row + i) * rowStride + column + j] = tile[i * TILE + j];
      }
    }
  }
}

function multiplyTile(
  tile: Float64Array,
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  length: number,
): void {
  let c00 = tile[0];
  let c01 = tile[1];
  let c02 = tile[2];
  let c03 = tile[3];
  let c10 = tile[4];
  let c11 = tile[5];
  let c12 = tile[6];
  let c13 = tile[7];
  let c20 = tile[8];
  let c21 = tile[9];
  let c22 = tile[10];
  let c23 = tile[11];
  let c30 = tile[12];
  let c31 = tile[13];
  let c32 = tile[14];
  let c33 = tile[15];
  for (const end = i + length; i < end; i += TILE, j += TILE) {
    const b0 = b[j];
    const b1 = b[j + 1];
    const b2 = b[j + 2];
    const b3 = b[j + 3];
    const a0 = a[i];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = a[i + 1];
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    const a2 = a[i + 2];
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    const a3 = a[i + 3];
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
  }
  tile[0] = c00;
  tile[1] = c01;
  tile[2] = c02;
  tile[3] = c03;
  tile[4] = c10;
  tile[5] = c11;
  tile[6] = c12;
  tile[7] = c13;
  tile[8] = c20;
  tile[9] = c21;
  tile[10] = c22;
  tile[11] = c23;
  tile[12] = c30;
  tile[13] = c31;
  tile[14] = c32;
  tile[15] = c33;
}
