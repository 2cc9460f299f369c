import { part, type Steps, stepsOf } from '../../tensor/drive.ts';
import { batchRow } from '../../tensor/rows.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../tensor/tensor.ts';
import { reshape } from '../operations.ts';
import { isNode, pullbackSteps, record, recordSteps } from '../tape.ts';
import { derivatives } from '../taylor.ts';
import { concrete } from '../trace.ts';
import { diagonalSteps, type StepwiseFunction } from './diagonal.ts';
import { type DiagonalResult, flatReason, type Plan, upFrom } from './diagonalResult.ts';
import { upTo } from './entries.ts';
import { powerRule } from './linearPrefix.ts';
import type { Pruned } from './plan.ts';
import type { Score } from './score.ts';
import { analyse } from './structure.ts';

export interface EachOptions {
  /** Highest derivative, 3 unless given. */
  readonly order?: number;
  readonly score: Score;
  /** See `diagonal`. */
  readonly prune?: number | undefined;
  /** Told of the plan of each sample that has one, before it runs. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
}

/** One sample's score, its derivatives, and what is certain about them; see `DiagonalResult`. */
export interface EachResult extends Pick<DiagonalResult, 'y' | 'logScale'> {
  readonly derivatives: readonly Tensor[];
  readonly logits: Tensor;
  readonly zero: { readonly orders: readonly number[]; readonly reason: string } | undefined;
  /** Where classes were merged. */
  readonly pruned?: Pruned;
}

/** Whether the score itself is piecewise linear at z. */
function isFlat(score: Score, z: Tensor): boolean {
  const { tape, output } = record(([x]) => score.value(x).y, [z]);
  return !isNode(output) || analyse(tape, output).linear[output.index] === 1;
}

function* alone(f: StepwiseFunction, sample: Tensor, options: EachOptions): Steps<EachResult> {
  function* logitsAt(a: Tensor): Steps<Tensor> {
    return reshape(yield* stepsOf(f(a)), [-1]);
  }
  const result = yield* diagonalSteps(logitsAt, sample, options);
  const { identicallyZero: orders, reason, pruned } = result.certificate;
  const { y, logScale, logits } = result;
  return {
    ...{ y, logScale, logits: logits as Tensor },
    derivatives: result.derivatives.map((d) => reshape(d, sample.shape.slice(1))),
    zero: orders.length === 0 ? undefined : { orders, reason },
    ...(pruned && { pruned }),
  };
}

/** All samples' logits [N, m] and ∂l/∂a of the one number l = Σ weight · z that the score sees; undefined where it sees more, or the head is not piecewise linear. */
function* slopesOf(
  f: StepwiseFunction,
  a: Tensor,
  { seesOnly }: Score,
): Steps<{ z: Tensor; slopes: Tensor } | undefined> {
  if (seesOnly === undefined) return undefined;
  const { tape, output } = yield* part(
    recordSteps(([root]) => f(root), [a]),
    0,
    0.4,
  );
  if (!isNode(output) || analyse(tape, output).linear[output.index] !== 1) return undefined;
  const z = concrete(output.value);
  const [count, classes] = z.shape;
  const seed = zeros(z.shape, z.dtype);
  for (let s = 0; s < count; s++) {
    for (const [index, weight] of seesOnly) seed.data[s * classes + index] = weight;
  }
  const [g] = yield* part(pullbackSteps(tape, new Map([[output, seed]]), tape.roots), 0.4, 0.6);
  return { z, slopes: concrete(g ?? zeros(a.shape, a.dtype)) };
}

/** One sample's derivatives by its logits [m] and the slopes g of the number l that its score sees: D_r = φ⁽ʳ⁾(l) gʳ. */
function throughLogit(logits: Tensor, slopes: Tensor, { score, order = 3 }: EachOptions): EachResult {
  const { logScale } = score.value(logits);
  const direction = zeros(logits.shape, logits.dtype);
  // Along its class's logit alone l grows as the step does.
  direction.data[score.classIndex as number] = 1;
  const [y, ...tail] = derivatives((x) => score.value(x).y, logits, { direction, order });
  const outer = tail.map((d) => d.data[0]);
  const powers = powerRule(outer, contiguous(slopes).data, upTo(sizeOf(slopes.shape)));
  return {
    ...{ y: y.data[0], logScale, logits },
    derivatives: powers.map((d) => fromData(d, slopes.shape.slice(1))),
    zero: isFlat(score, logits) ? { orders: upFrom(2, order), reason: flatReason } : undefined,
  };
}

/** The part of the steps that all samples take at once, as progress shows it. */
const AT_ONCE = 0.05;

/**
 * The exact diagonal derivatives of independent samples: f takes samples a [N, …] to logits [N, m], sample s to row s alone;
 * the score of each row is differentiated with respect to the entries of its own sample. float64, of a sample's shape.
 * Cost: one recording and one VJP for all samples where the score sees one number l made of the logits and the head is piecewise linear,
 * since then D_r = φ⁽ʳ⁾(l) gʳ with g = ∂l/∂a; else `diagonal`, sample by sample.
 * In steps; `drain` or `drive` runs them.
 */
export function* diagonalEach(f: StepwiseFunction, a: Tensor, options: EachOptions): Steps<EachResult[]> {
  const { score, order = 3 } = options;
  const [count] = a.shape;
  const linear = yield* part(slopesOf(f, a, score), 0, AT_ONCE);
  const share = (1 - AT_ONCE) / count;
  const results: EachResult[] = [];
  for (let s = 0; s < count; s++) {
    if (linear === undefined) {
      results.push(yield* part(alone(f, batchRow(a, s), options), AT_ONCE + s * share, share));
      continue;
    }
    const logits = reshape(batchRow(linear.z, s), [-1]);
    results.push(throughLogit(logits, batchRow(linear.slopes, s), { score, order }));
    yield AT_ONCE + (s + 1) * share;
  }
  return results;
}
