import { broadcastShapes, sizeOf } from '../shape.ts';
import { allocate, contiguous, type FloatArray, fromData, type Tensor } from '../tensor.ts';
import { commonDType } from './reference/map.ts';
import { type MatrixView, packColumns, packRows } from './reference/panels.ts';
import { multiplyResident } from './residentProduct.ts';
import { withWorkspace } from './workspace.ts';

const FEW_ROWS = 3;
/** So few multiply-adds are done before two factors are packed. */
const FEW_MULTIPLY_ADDS = 4096;
const PANEL_FLOATS = 2 ** 23; // of a right factor at a time: 64 MB

/** out[i, :] = Σ_k left[i, k] · right[k, :] for few rows or small factors, without packing: the sums run over k in the same order. */
function multiplyFewRows(
  out: FloatArray,
  at: number,
  [left, right]: readonly [MatrixView, MatrixView],
  [rows, depth, columns]: readonly [number, number, number],
): void {
  const a = left.data;
  const b = right.data;
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    if (right.rowStride === 1) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        let p = left.offset + i * left.rowStride;
        let q = right.offset + j * right.columnStride;
        for (let k = 0; k < depth; k++, p += left.columnStride, q++) sum += a[p] * b[q];
        sums[j] = sum;
      }
    } else {
      sums.fill(0);
      for (let k = 0; k < depth; k++) {
        const factor = a[left.offset + i * left.rowStride + k * left.columnStride];
        let q = right.offset + k * right.rowStride;
        for (let j = 0; j < columns; j++, q += right.columnStride) sums[j] += factor * b[q];
      }
    }
    out.set(sums, at + i * columns);
  }
}

/** One product of matrices in arrays: out[at …] = left [rows, depth] · right [depth, columns]. */
function multiplyMatrices(
  out: FloatArray,
  at: number,
  factors: readonly [MatrixView, MatrixView],
  sizes: readonly [number, number, number],
): void {
  const [rows, depth, columns] = sizes;
  if (multiplyResident(out, at, factors, sizes)) return;
  if (rows <= FEW_ROWS || rows * depth * columns <= FEW_MULTIPLY_ADDS) {
    multiplyFewRows(out, at, factors, sizes);
    return;
  }
  withWorkspace(rows * depth * columns, (workspace) => {
    const left = packRows(factors[0], [rows, depth], workspace);
    const [, right] = factors;
    const most = Math.max(4, Math.floor(PANEL_FLOATS / depth / 4) * 4);
    for (let start = 0; start < columns; start += most) {
      workspace.part(() => {
        const count = Math.min(most, columns - start);
        const block = { ...right, offset: right.offset + start * right.columnStride };
        const target = { offset: at + start, rowStride: columns, accumulate: false };
        workspace.multiply(out, target, [left, packColumns(block, [depth, count], workspace)]);
      });
    }
  });
}

function matrixView(data: FloatArray, offset: number, columns: number, transposed: boolean): MatrixView {
  return transposed
    ? { data, offset, rowStride: 1, columnStride: columns }
    : { data, offset, rowStride: columns, columnStride: 1 };
}

/** Which operands of a matrix product are read transposed. */
export interface Transposed {
  readonly left?: boolean;
  readonly right?: boolean;
}

/**
 * The matrix product over the last two axes, the axes before them broadcast; either side may be read transposed.
 * [..., n, k] · [..., k, m] → [..., n, m]. An empty k gives zeros.
 */
export function matrixProduct(x: Tensor, y: Tensor, transposed: Transposed = {}): Tensor {
  const [a, b] = [contiguous(x).data, contiguous(y).data];
  const [xr, xc] = x.shape.slice(-2);
  const [yr, yc] = y.shape.slice(-2);
  const [rows, depth] = transposed.left ? [xc, xr] : [xr, xc];
  const columns = transposed.right ? yr : yc;
  const left = x.shape.slice(0, -2);
  const right = y.shape.slice(0, -2);
  const lead = broadcastShapes([left, right], 'multiply matrices');
  const out = allocate(sizeOf(lead) * rows * columns, commonDType([x, y]));
  const shape = [...lead, rows, columns];
  if (sizeOf(right) === 1 && !transposed.left) {
    // One right factor for all: its rows stack into one tall product.
    const tall = sizeOf(left) * rows;
    const factors = [matrixView(a, 0, xc, false), matrixView(b, 0, yc, transposed.right === true)] as const;
    multiplyMatrices(out, 0, factors, [tall, depth, columns]);
    return fromData(out, shape);
  }
  const shared = sharedAxes(left, right, lead);
  if (rows === 1 && !transposed.left && sizeOf(shared) >= FEW_LANES) {
    const sizes = { lanes: sizeOf(shared), blocks: sizeOf(lead.slice(shared.length)), depth, columns };
    multiplyAcrossLanes(out, [a, b], { ...sizes, transposed: transposed.right === true });
    return fromData(out, shape);
  }
  const leftAt = laneOffsets(left, lead, xr * xc);
  const rightAt = laneOffsets(right, lead, yr * yc);
  for (let i = 0; i < leftAt.length; i++) {
    const factors = [
      matrixView(a, leftAt[i], xc, transposed.left === true),
      matrixView(b, rightAt[i], yc, transposed.right === true),
    ] as const;
    multiplyMatrices(out, i * rows * columns, factors, [rows, depth, columns]);
  }
  return fromData(out, shape);
}

/** With fewer lanes, the lanes' products are made one by one. */
const FEW_LANES = 8;

/** The first axes, which the left factor has alone; none where the right one does not have all the others. */
function sharedAxes(
  left: readonly number[],
  right: readonly number[],
  lead: readonly number[],
): readonly number[] {
  const own = right.slice(right.findIndex((length) => length !== 1));
  const at = lead.length - own.length;
  const isWhole = left.length === lead.length && left.every((length, axis) => length === lead[axis]);
  return isWhole && own.every((length, axis) => length === lead[at + axis]) ? lead.slice(0, at) : [];
}

/** One row in each lane and block times the block's matrix, the same in all lanes: a block's rows make one product. */
function multiplyAcrossLanes(
  out: FloatArray,
  [a, b]: readonly [FloatArray, FloatArray],
  {
    lanes,
    blocks,
    depth,
    columns,
    transposed,
  }: { lanes: number; blocks: number; depth: number; columns: number; transposed: boolean },
): void {
  const rows = allocate(lanes * columns, out instanceof Float64Array ? 'float64' : 'float32');
  for (let block = 0; block < blocks; block++) {
    const left = { data: a, offset: block * depth, rowStride: blocks * depth, columnStride: 1 };
    const right = matrixView(b, block * depth * columns, transposed ? depth : columns, transposed);
    multiplyMatrices(rows, 0, [left, right], [lanes, depth, columns]);
    for (let lane = 0; lane < lanes; lane++) {
      const row = rows.subarray(lane * columns, (lane + 1) * columns);
      out.set(row, (lane * blocks + block) * columns);
    }
  }
}

/** Where each lane of the common leading axes finds its block of `size` entries in an operand. */
export function laneOffsets(own: readonly number[], common: readonly number[], size: number): number[] {
  let offsets = [0];
  const missing = common.length - own.length;
  for (let axis = 0; axis < common.length; axis++) {
    const length = axis < missing ? 1 : own[axis - missing];
    offsets = offsets.flatMap((offset) =>
      Array.from({ length: common[axis] }, (_, i) => offset * length + (length === 1 ? 0 : i)),
    );
  }
  return offsets.map((offset) => offset * size);
}
