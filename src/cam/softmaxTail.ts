import type { Directions } from '../autodiff/diagonal/score.ts';
import { expOf } from '../tensor/elementary/exponential.ts';

/**
 * Derivatives of log p_c and p_c along directions of the logits, in the form that keeps its digits: with s = argmax p and
 * F_k = Σ_q p_q (v_q − v_s)^k,
 *   l1 = v_c − v_s − F1,  κ2 = F2 − F1²,  κ3 = F3 − 3 F1 F2 + 2 F1³,
 *   log p_c: l1, −κ2, −κ3;   p_c: p l1, p (l1² − κ2), p (l1³ − 3 l1 κ2 − κ3).
 * out[r − 1][i] for direction i, r = 1 … order ≤ 3. `scale` is p_c · exp(−logScale), or undefined for log p_c.
 * Cost: 3 m multiply-adds a direction.
 */
export function softmaxTail(
  z: Float64Array,
  { data, count, valueStride, laneStride }: Directions,
  { classIndex, order, scale }: { classIndex: number; order: number; scale: number | undefined },
): Float64Array[] {
  const { others, top } = probabilitiesBesideTop(z);
  const [f1, f2, f3] = [1, 2, 3].map(() => new Float64Array(count));
  const topAt = top * valueStride;
  for (let q = 0; q < z.length; q++) {
    const p = others[q];
    let at = q * valueStride;
    let reference = topAt;
    for (let i = 0; i < count; i++, at += laneStride, reference += laneStride) {
      const v = data[at] - data[reference];
      const first = p * v;
      const second = first * v;
      f1[i] += first;
      f2[i] += second;
      f3[i] += second * v;
    }
  }
  const out = Array.from({ length: order }, () => new Float64Array(count));
  const own = classIndex * valueStride;
  for (let i = 0; i < count; i++) {
    const l1 = data[own + i * laneStride] - data[topAt + i * laneStride] - f1[i];
    const k2 = f2[i] - f1[i] * f1[i];
    const k3 = f3[i] - 3 * f1[i] * f2[i] + 2 * f1[i] * f1[i] * f1[i];
    const wanted =
      scale === undefined
        ? [l1, -k2, -k3]
        : [scale * l1, scale * (l1 * l1 - k2), scale * (l1 * l1 * l1 - 3 * l1 * k2 - k3)];
    for (let r = 0; r < order; r++) out[r][i] = wanted[r];
  }
  return out;
}

/** p_q of every class but the most probable, whose entry is 0: it does not enter the sums. */
function probabilitiesBesideTop(z: Float64Array): { others: Float64Array; top: number } {
  let top = 0;
  for (let q = 1; q < z.length; q++) if (z[q] > z[top]) top = q;
  const others = z.map((value) => expOf(value - z[top]));
  others[top] = 0;
  let rest = 0;
  for (const e of others) rest += e;
  return { others: others.map((e) => e / (1 + rest)), top };
}
