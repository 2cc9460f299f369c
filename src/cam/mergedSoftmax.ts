import type { Merging } from '../autodiff/diagonal/score.ts';
import { expOf } from '../tensor/elementary/exponential.ts';
import { logOf } from '../tensor/elementary/logarithm.ts';
import { softmaxTail } from './softmaxTail.ts';

const total = (numbers: Float64Array): number => numbers.reduce((sum, value) => sum + value, 0);

/** The class, then the others, the most probable first. */
function rankedBy(z: Float64Array, classIndex: number): Int32Array {
  const ranked = Int32Array.from(z, (_, q) => q).sort((a, b) => z[b] - z[a]);
  ranked.copyWithin(1, 0, ranked.indexOf(classIndex));
  ranked[0] = classIndex;
  return ranked;
}

/**
 * Softmax with its improbable classes R merged into one of probability ε and of their mean direction m. Where |v| ≤ ν on R, V = ν² − m²
 * and T = (ν + |m|) V bound the second and third central moment of v within R. With μ the mean over all classes,
 *   log p_c: 0, ε V, ε (T + 3 V |m − μ|);   p_c: 0, p ε V, p ε (T + 3 V |v_c + m − 2 μ|)
 * bound the errors of orders 1, 2, 3; docs/theory.md has the proof. `scale` as in `softmaxTail`.
 */
export function mergedSoftmax(
  z: Float64Array,
  { classIndex, scale }: { classIndex: number; scale: number | undefined },
): Merging {
  const ranked = rankedBy(z, classIndex);
  const top = Math.max(z[ranked[0]], z[ranked[1]]);
  const all = total(z.map((value) => expOf(value - top)));
  const rest = (kept: number) => {
    const least = z[ranked[kept]];
    const weights = Float64Array.from(ranked.subarray(kept), (q) => expOf(z[q] - least));
    const sum = total(weights);
    return { weights, sum, logit: least + logOf(sum), mass: (expOf(least - top) * sum) / all };
  };
  return {
    ranked,
    merged(kept) {
      const { weights, sum, mass } = rest(kept);
      return { shares: weights.map((weight) => weight / sum), mass };
    },
    along(directions, { kept, order, reach }) {
      const { logit, mass } = rest(kept);
      const few = Float64Array.from([...ranked.subarray(0, kept)].map((q) => z[q]).concat(logit));
      const derivatives = softmaxTail(few, directions, { classIndex: 0, order, scale });
      const { data, valueStride, laneStride, count } = directions;
      const errors = derivatives.map(() => new Float64Array(count));
      const factor = scale ?? 1;
      for (let i = 0; i < count; i++) {
        const own = data[i * laneStride];
        const mean = data[kept * valueStride + i * laneStride];
        const slope = derivatives[0][i] / factor; // v_c − μ
        const second = Math.max(0, reach[i] * reach[i] - mean * mean);
        const third = (reach[i] + Math.abs(mean)) * second;
        const lean = Math.abs(mean - own + (scale === undefined ? 1 : 2) * slope);
        const wanted = [0, factor * mass * second, factor * mass * (third + 3 * second * lean)];
        for (let r = 0; r < order; r++) errors[r][i] = wanted[r];
      }
      return { derivatives, errors };
    },
  };
}
