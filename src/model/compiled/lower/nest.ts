import type { Shape } from '../../../tensor/shape.ts';

/** The outer loops of a kernel are so many, the first of any length. */
const LOOPS = 4;

/** Loops around strands: their lengths from the slowest on, and for each operand how many bytes each takes it further. */
export interface Nest {
  readonly lengths: readonly number[];
  readonly steps: readonly (readonly number[])[];
}

/**
 * Loops over axes, in order from the slowest on, for operands with those strides along all axes: neighbours that are walked as one
 * in all operands are one loop. Undefined where more are left than a kernel has.
 */
export function nestOf(
  shape: Shape,
  axes: readonly number[],
  operands: readonly (readonly number[])[],
): Nest | undefined {
  const loops: { length: number; strides: number[] }[] = [];
  for (const axis of axes) {
    const length = shape[axis];
    if (length === 1) continue;
    const strides = operands.map((each) => each[axis]);
    const outer = loops.at(-1);
    if (outer?.strides.every((stride, i) => stride === strides[i] * length)) {
      outer.length *= length;
      outer.strides = strides;
    } else loops.push({ length, strides });
  }
  if (loops.length > LOOPS) return undefined;
  while (loops.length < LOOPS) loops.unshift({ length: 1, strides: operands.map(() => 0) });
  return {
    lengths: loops.map(({ length }) => length),
    steps: operands.map((_, i) => loops.map(({ strides }) => strides[i] * 4)),
  };
}
