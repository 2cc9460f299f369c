/**
 * Derivatives of log p_c and p_c along directions of the logits, in the form that keeps its digits: with s = argmax p and
 * F_k = Σ_q p_q (v_q − v_s)^k,
 *   l1 = v_c − v_s − F1,  κ2 = F2 − F1²,  κ3 = F3 − 3 F1 F2 + 2 F1³,
 *   log p_c: l1, −κ2, −κ3;   p_c: p l1, p (l1² − κ2), p (l1³ − 3 l1 κ2 − κ3).
 * z: m logits; directions [lanes, m]; out[r − 1][lane], r = 1 … order ≤ 3. `scale` is p_c · exp(−logScale), or undefined
 * for log p_c. Cost: 3 m multiply-adds a lane.
 */
export function softmaxTail(
  z: Float64Array,
  directions: Float64Array,
  { classIndex, order, scale }: { classIndex: number; order: number; scale: number | undefined },
): Float64Array[] {
  const m = z.length;
  const lanes = directions.length / m;
  const { others, top } = probabilitiesBesideTop(z);
  const out = Array.from({ length: order }, () => new Float64Array(lanes));
  for (let lane = 0, base = 0; lane < lanes; lane++, base += m) {
    const vs = directions[base + top];
    let [f1, f2, f3] = [0, 0, 0];
    for (let q = 0; q < m; q++) {
      const v = directions[base + q] - vs;
      const first = others[q] * v;
      const second = first * v;
      f1 += first;
      f2 += second;
      f3 += second * v;
    }
    const l1 = directions[base + classIndex] - vs - f1;
    const k2 = f2 - f1 * f1;
    const k3 = f3 - 3 * f1 * f2 + 2 * f1 * f1 * f1;
    const wanted =
      scale === undefined
        ? [l1, -k2, -k3]
        : [scale * l1, scale * (l1 * l1 - k2), scale * (l1 * l1 * l1 - 3 * l1 * k2 - k3)];
    for (let r = 0; r < order; r++) out[r][lane] = wanted[r];
  }
  return out;
}

/** p_q of every class but the most probable, whose entry is 0: it does not enter the sums. */
function probabilitiesBesideTop(z: Float64Array): { others: Float64Array; top: number } {
  let top = 0;
  for (let q = 1; q < z.length; q++) if (z[q] > z[top]) top = q;
  const others = z.map((value) => Math.exp(value - z[top]));
  others[top] = 0;
  let rest = 0;
  for (const e of others) rest += e;
  return { others: others.map((e) => e / (1 + rest)), top };
}
