import { describe } from '../../describe.ts';
import { ShapeError } from '../../errors.ts';
import { roomFor } from '../../room.ts';
import { formatShape } from '../../shape.ts';

/**
 * A sliding window over s spatial axes. Output length = ⌊(input + before + after − dilation·(kernel − 1) − 1)/stride⌋ + 1.
 * Lengths in cells; every list has s entries.
 */
export interface WindowAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBefore: readonly number[];
  readonly padsAfter: readonly number[];
}

/** @throws ShapeError where a window's lists differ in length or hold anything but whole numbers. */
export function checkWindow(w: WindowAttributes, rank: number, action: string): void {
  const least = {
    kernel: 1,
    strides: 1,
    dilations: 1,
    padsBefore: Number.NEGATIVE_INFINITY,
    padsAfter: Number.NEGATIVE_INFINITY,
  };
  const spatial: unknown = (w as WindowAttributes | undefined)?.kernel?.length;
  for (const [name, smallest] of Object.entries(least)) {
    const list: unknown = (w as Partial<WindowAttributes> | undefined)?.[name as keyof WindowAttributes];
    const fits =
      Array.isArray(list) &&
      list.length === spatial &&
      list.every((n) => Number.isSafeInteger(n) && n >= smallest);
    if (fits && list.length >= 1 && list.length <= Math.min(3, rank)) continue;
    throw new ShapeError(
      `Cannot ${action}: ${name} must hold a whole number${smallest === 1 ? ' from 1' : ''} for each of 1 to 3 spatial axes, got ${Array.isArray(list) ? `[${list.map(String).join(', ')}]` : describe(list)}`,
    );
  }
}

/** Output lengths of a window over spatial lengths. @throws ShapeError when the window does not fit. */
export function windowOutput(spatial: readonly number[], w: WindowAttributes, action: string): number[] {
  return spatial.map((length, i) => {
    const reach = w.dilations[i] * (w.kernel[i] - 1) + 1;
    const padded = length + w.padsBefore[i] + w.padsAfter[i];
    if (padded < reach) {
      throw new ShapeError(
        `Cannot ${action}: the window ${formatShape(w.kernel)} (dilation ${w.dilations[i]}) does not fit the padded input ${padded} on spatial axis ${i}`,
      );
    }
    return Math.floor((padded - reach) / w.strides[i]) + 1;
  });
}

/** The same window with leading axes of length 1 until it has three. */
export function asVolume(w: WindowAttributes): WindowAttributes {
  const lead = <T>(list: readonly T[], value: T) => [...new Array<T>(3 - list.length).fill(value), ...list];
  return {
    kernel: lead(w.kernel, 1),
    strides: lead(w.strides, 1),
    dilations: lead(w.dilations, 1),
    padsBefore: lead(w.padsBefore, 0),
    padsAfter: lead(w.padsAfter, 0),
  };
}

export function volumeShape(spatial: readonly number[]): [number, number, number] {
  return [...new Array<number>(3 - spatial.length).fill(1), ...spatial] as [number, number, number];
}

/** For one axis: input index of (kernel position, output position), −1 outside; [kernel · output]. */
export function axisTable(input: number, output: number, w: WindowAttributes, axis: number): Int32Array {
  const kernel = w.kernel[axis];
  const table = new Int32Array(roomFor(kernel * output));
  for (let k = 0; k < kernel; k++) {
    for (let o = 0; o < output; o++) {
      const at = o * w.strides[axis] + k * w.dilations[axis] - w.padsBefore[axis];
      table[k * output + o] = at >= 0 && at < input ? at : -1;
    }
  }
  return table;
}
