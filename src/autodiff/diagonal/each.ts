import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../tensor/tensor.ts';
import { reshape } from '../operations.ts';
import { isNode, pullback, record } from '../tape.ts';
import { derivatives } from '../taylor.ts';
import { concrete } from '../trace.ts';
import { diagonal } from './diagonal.ts';
import { type DiagonalResult, flatReason } from './diagonalResult.ts';
import { upTo } from './entries.ts';
import { powerRule } from './linearPrefix.ts';
import type { Score } from './score.ts';
import { analyse } from './structure.ts';

export interface EachOptions {
  /** Highest derivative, 3 unless given. */
  readonly order?: number;
  readonly score: Score;
}

/** One sample's score, its derivatives, and what is certain about them; see `DiagonalResult`. */
export interface EachResult extends Pick<DiagonalResult, 'y' | 'logScale' | 'derivatives'> {
  readonly logits: Tensor;
  readonly zero: { readonly orders: readonly number[]; readonly reason: string } | undefined;
}

function rowOf(x: Tensor, sample: number): Tensor {
  const [, ...shape] = x.shape;
  const { data } = contiguous(x);
  const size = data.length / x.shape[0];
  return fromData(data.slice(sample * size, (sample + 1) * size), shape);
}

/** Whether the score itself is piecewise linear at z. */
function isFlat(score: Score, z: Tensor): boolean {
  const { tape, output } = record(([x]) => score.value(x).y, [z]);
  return !isNode(output) || analyse(tape, output).linear[output.index] === 1;
}

function alone(f: (a: Tensor) => Tensor, sample: Tensor, { order, score }: EachOptions): EachResult {
  const result = diagonal((a) => f(a), sample, { order: order ?? 3, score });
  const { identicallyZero: orders, reason } = result.certificate;
  const { y, logScale, logits } = result;
  return {
    ...{ y, logScale, logits: logits as Tensor },
    derivatives: result.derivatives.map((d) => reshape(d, sample.shape.slice(1))),
    zero: orders.length === 0 ? undefined : { orders, reason },
  };
}

/**
 * The exact diagonal derivatives of independent samples: f takes samples a [N, …] to logits [N, m], sample s to row s alone;
 * the score of each row is differentiated with respect to the entries of its own sample. float64, of a sample's shape.
 * Cost: one recording and one VJP for all samples where the score sees one logit and the head is piecewise linear, since then
 * D_r = φ⁽ʳ⁾(z_c) gʳ with g = ∂z_c/∂a; else `diagonal`, sample by sample.
 */
export function diagonalEach(f: (a: Tensor) => Tensor, a: Tensor, options: EachOptions): EachResult[] {
  const { order = 3, score } = options;
  const [count, ...shape] = a.shape;
  const samples = () => Array.from({ length: count }, (_, s) => fromData(rowOf(a, s).data, [1, ...shape]));
  const { classIndex } = score;
  if (score.seesOneLogit !== true || classIndex === undefined) {
    return samples().map((sample) => alone((x) => reshape(f(x), [-1]), sample, options));
  }
  const { tape, output } = record(([root]) => f(root), [a]);
  if (!isNode(output) || analyse(tape, output).linear[output.index] !== 1) {
    return samples().map((sample) => alone((x) => reshape(f(x), [-1]), sample, options));
  }
  const z = concrete(output.value);
  const classes = z.shape[1];
  const seed = zeros(z.shape, z.dtype);
  for (let s = 0; s < count; s++) seed.data[s * classes + classIndex] = 1;
  const [g] = pullback(tape, new Map([[output, seed]]), tape.roots);
  const slopes = contiguous(concrete(g ?? zeros(a.shape, a.dtype)));
  const every = upTo(sizeOf(shape));
  return samples().map((_, s) => {
    const logits = rowOf(z, s);
    const { logScale } = score.value(logits);
    const direction = zeros(logits.shape, logits.dtype);
    direction.data[classIndex] = 1;
    const [y, ...tail] = derivatives((x) => score.value(x).y, logits, { direction, order });
    const slope = rowOf(slopes, s).data;
    return {
      y: y.data[0],
      logScale,
      logits,
      derivatives: powerRule(
        tail.map((d) => d.data[0]),
        slope,
        every,
      ).map((d) => fromData(d, shape)),
      zero: isFlat(score, logits)
        ? { orders: Array.from({ length: order - 1 }, (_, i) => i + 2), reason: flatReason }
        : undefined,
    };
  });
}
