import type { FloatArray } from '../tensor.ts';
import { sharedDevice } from './backend.ts';
import { multiplyPanels, type Panels } from './reference/panels.ts';
import type { Device } from './wasm/device.ts';
import { step } from './wasm/steps.ts';

/** Where a product goes in an array: row i begins at offset + i · rowStride. */
export interface Target {
  readonly offset: number;
  readonly rowStride: number;
  /** Whether the product is added to what is there. */
  readonly accumulate: boolean;
}

/** Memory for the panels of one operation, and the product of panels in it. */
export interface Workspace {
  /** Zeros, until the operation or the part ends. */
  floats(length: number): Float64Array;
  /** A part of the operation, whose memory is given back after it. */
  part<T>(use: () => T): T;
  /** out = left · right, or out += left · right; sums in float64, the depth in order. */
  multiply(out: FloatArray, target: Target, factors: readonly [Panels, Panels]): void;
}

const reference: Workspace = {
  floats: (length) => new Float64Array(length),
  part: (use) => use(),
  multiply: multiplyPanels,
};

/** Fewer multiply-adds than this are done before a program is written. */
const SMALL = 20_000;
const CHUNK = 64; // columns

function onDevice(device: Device): Workspace {
  const reserved: number[] = [];
  const floats = (length: number) => {
    const at = device.reserve(length * 8);
    reserved.push(at);
    return device.float64(at, length).fill(0);
  };
  const part = <T>(use: () => T): T => {
    const before = reserved.length;
    try {
      return use();
    } finally {
      for (const at of reserved.splice(before)) device.release(at);
    }
  };
  return {
    floats,
    part,
    multiply(out, { offset, rowStride, accumulate }, [left, right]) {
      const rows = Math.ceil(left.count / 4) * 4;
      const columns = Math.ceil(right.count / 4) * 4;
      if (left.depth === 0) return;
      const product = floats(rows * columns);
      if (accumulate) {
        for (let i = 0; i < left.count; i++) {
          const from = offset + i * rowStride;
          for (let j = 0; j < right.count; j++) product[i * columns + j] = out[from + j];
        }
      }
      const program = device.compile([
        step('multiplyPanels', Math.ceil(columns / CHUNK), {
          left: left.data.byteOffset,
          right: right.data.byteOffset,
          output: product.byteOffset,
          rows,
          columns,
          depth: left.depth,
          outputRowBytes: columns * 8,
          block: CHUNK,
        }),
      ]);
      program.run();
      program.release();
      for (let i = 0; i < left.count; i++) {
        const from = i * columns;
        out.set(product.subarray(from, from + right.count), offset + i * rowStride);
      }
      device.release(reserved.pop() as number);
    },
  };
}

/**
 * Runs one operation of so many multiply-adds with memory for its panels. The backends give the same bits: both sum in float64,
 * the depth in order.
 */
export function withWorkspace<T>(multiplyAdds: number, use: (workspace: Workspace) => T): T {
  const device = multiplyAdds < SMALL ? undefined : sharedDevice();
  if (device === undefined) return use(reference);
  const workspace = onDevice(device);
  return workspace.part(() => use(workspace));
}
