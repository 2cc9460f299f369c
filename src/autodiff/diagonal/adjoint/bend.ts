import { sizeOf } from '../../../tensor/shape.ts';
import { contiguous, type FloatArray, fromData, type Tensor } from '../../../tensor/tensor.ts';
import type { Series } from '../../primitive.ts';
import { concrete } from '../../trace.ts';

/** What one function of single entries makes of lanes in which its argument moves by x1 h + x2 h². */
export interface Bend {
  /** The first two Taylor coefficients of its values. */
  readonly first: Tensor;
  readonly second: Tensor;
}

interface Terms {
  /** φ and its Taylor coefficients at each entry. */
  readonly coefficients: Series;
  /** ∂y/∂φ. */
  readonly weights: ArrayLike<number>;
  readonly x1: Tensor;
  readonly x2: Tensor | undefined;
  /** Whether the values' own coefficients are wanted. */
  readonly keeps: boolean;
}

const numbersOf = (c: Tensor | undefined, size: number): FloatArray =>
  c === undefined ? new Float64Array(size) : contiguous(concrete(c)).data;

/**
 * Adds to out2[lane] 2! Σ b φ₂ x1² and to out3[lane] 3! Σ b (φ₃ x1³ + 2 φ₂ x1 x2), in one pass over the lanes; returns φ₁ x1 and
 * φ₁ x2 + φ₂ x1² where they are wanted.
 */
export function bend(
  [out2, out3]: readonly [Float64Array, Float64Array],
  { coefficients, weights: b, x1, x2, keeps }: Terms,
): Bend | undefined {
  const lanes = out2.length;
  const a1 = contiguous(concrete(x1)).data;
  const size = a1.length / lanes;
  const a2 = x2 && contiguous(concrete(x2)).data;
  const [p1, p2, p3] = [1, 2, 3].map((k) => numbersOf(coefficients[k], size));
  const shape = x1.shape;
  const first = new Float64Array(keeps ? sizeOf(shape) : 0);
  const second = new Float64Array(first.length);
  for (let lane = 0, at = 0; lane < lanes; lane++) {
    let [sum2, sum3] = [0, 0];
    for (let p = 0; p < size; p++, at++) {
      const x = a1[at];
      if (x === 0 && a2 === undefined) continue;
      const z = a2 === undefined ? 0 : a2[at];
      const square = p2[p] * x * x;
      const weight = b[p];
      if (weight !== 0) {
        sum2 += weight * square;
        sum3 += weight * (p3[p] * x * x * x + 2 * p2[p] * x * z);
      }
      if (keeps) {
        first[at] = p1[p] * x;
        second[at] = p1[p] * z + square;
      }
    }
    out2[lane] += 2 * sum2;
    out3[lane] += 6 * sum3;
  }
  return keeps ? { first: fromData(first, shape), second: fromData(second, shape) } : undefined;
}
