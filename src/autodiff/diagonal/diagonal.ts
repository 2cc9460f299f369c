import { InputError, ShapeError } from '../../tensor/errors.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, type Tensor, type TensorLike, toTensor } from '../../tensor/tensor.ts';
import { wantTensor } from '../outputs.ts';
import { isNode, originOf, record } from '../tape.ts';
import { concrete } from '../trace.ts';
import { action, checkCall } from './checkCall.ts';
import {
  type Certificate,
  constantResult,
  type DiagonalResult,
  flatReason,
  tensorsOf,
  upFrom,
} from './diagonalResult.ts';
import { reachOf, wantedEntries } from './entries.ts';
import { runJets } from './jets.ts';
import { runLinearPrefix } from './linearPrefix.ts';
import {
  type Candidate,
  cutSize,
  type Diagonals,
  jetsCandidate,
  linearPrefixCandidate,
  type PlanName,
  type Task,
} from './plan.ts';
import type { Score } from './score.ts';
import { analyse, countKinks, nonlinearOperations } from './structure.ts';

/** Which diagonal derivatives, of what, and how. */
export interface DiagonalOptions<N extends number = number> {
  /** Highest derivative, 3 unless given: d1, d2 and d3 are there up to it. */
  readonly order?: N | undefined;
  /** Row-major positions of the entries wanted; all unless given. The others come out as 0. */
  readonly entries?: ArrayLike<number> | undefined;
  readonly plan?: PlanName | 'auto' | undefined;
  /** Where f gives logits: the score of them that is differentiated. */
  readonly score?: Score | undefined;
}

const runners: Readonly<Record<PlanName, (task: Task) => Diagonals>> = {
  jets: runJets,
  'linear-prefix': runLinearPrefix,
};

function choosePlan(candidates: readonly Candidate[], wanted: PlanName | 'auto'): Candidate {
  if (wanted === 'auto') {
    return candidates.filter((c) => c.applicable).reduce((a, b) => (b.multiplyAdds < a.multiplyAdds ? b : a));
  }
  const chosen = candidates.find((c) => c.name === wanted);
  if (chosen === undefined) {
    throw new InputError(
      `Cannot take diagonal: there is no plan "${wanted}"; use auto, ${candidates.map((c) => c.name).join(' or ')}`,
    );
  }
  if (!chosen.applicable) {
    throw new InputError(`Cannot take diagonal by ${wanted}: ${chosen.why}; use plan auto or jets`);
  }
  return chosen;
}

function explainPlans(candidates: readonly Candidate[], chosen: Candidate): string {
  return candidates
    .map((c) => {
      const cost = c.applicable ? `${c.multiplyAdds.toExponential(2)} multiply-adds` : 'not applicable';
      return `${c === chosen ? '→' : ' '} ${c.name}: ${cost}; ${c.why}`;
    })
    .join('\n');
}

/**
 * The exact diagonal derivatives ∂ʳY/∂a_iʳ of a scalar Y = f(a), or Y = score(f(a)), entry by entry, r = 1 … order.
 * Looks at the structure of f, lists the exact plans with their cost and runs the cheapest.
 * a: any shape; the derivatives are float64 tensors of that shape, and exactly 0 at entries that do not reach Y.
 * At kinks (see `kinks`) the derivative is that of the piece each unit is on: ReLU'(0) = 0, ties to the first entry.
 * Cost: about one gradient where one value leaves the piecewise-linear part; otherwise see `plan.explain()`.
 * @throws ShapeError when Y is not a scalar. @throws InputError for a plan that does not apply, naming why.
 * @example
 * diagonal((a) => exp(sum(a)), tensor([0, 0])).d3 // [1, 1]
 * 'd3' in diagonal((a) => exp(sum(a)), [0, 0], { order: 2 }) // false
 */
export function diagonal<N extends number = 3>(
  f: (a: Tensor) => Tensor,
  a: TensorLike,
  options: DiagonalOptions<N> = {},
): DiagonalResult<N> {
  checkCall(f, options);
  return run(f, contiguous(toTensor(a, action)), options) as DiagonalResult<N>;
}

function run(f: (a: Tensor) => Tensor, point: Tensor, options: DiagonalOptions): DiagonalResult<number> {
  const { order = 3, score, plan: wantedPlan = 'auto' } = options;
  const wanted = wantedEntries(sizeOf(point.shape), options.entries);
  let logScale = 0;
  let logits: Tensor | undefined;
  const { tape, output } = record(
    ([root]) => {
      const out = wantTensor(f(root), action);
      if (score === undefined) return out;
      logits = out;
      const scored = score.value(out);
      logScale = scored.logScale;
      return wantTensor(scored.y, action);
    },
    [point],
  );
  const value = concrete(isNode(output) ? output.value : output);
  if (sizeOf(value.shape) !== 1) {
    throw new ShapeError(
      `Cannot take diagonal of f: output must be a scalar, got shape ${formatShape(value.shape)}; give a score, such as a function of the logits`,
    );
  }
  const y = value.data[value.offset];
  const shared = { y, logScale, ...(logits && { logits: concrete(logits) }) };
  if (!isNode(output)) return { ...shared, ...constantResult(point, order, wanted.length) };

  const structure = analyse(tape, output);
  const node = logits && originOf(logits);
  const reach = reachOf(structure, wanted);
  const task: Task = { structure, order, ...reach, ...(score && { score }), ...(node && { logits: node }) };
  const candidates = [jetsCandidate(task), linearPrefixCandidate(task)];
  const chosen = choosePlan(candidates, wantedPlan);
  const arrays = runners[chosen.name](task);
  const flat = structure.linear[output.index] === 1;
  const nonlinear = nonlinearOperations(structure);
  const certificate: Certificate = {
    exact: true,
    plan: chosen.name,
    identicallyZero: flat ? upFrom(2, order) : [],
    reason: flat
      ? flatReason
      : `beyond ${cutSize(structure)} piecewise-linear value(s), y is built of ${Object.keys(nonlinear).join(', ')}`,
    nonlinear,
    cut: cutSize(structure),
    entries: wanted.length,
    live: reach.live.length,
  };
  return {
    ...shared,
    ...tensorsOf(arrays, point),
    plan: { ...chosen, candidates, explain: () => explainPlans(candidates, chosen) },
    certificate,
    kinks: countKinks(structure),
  };
}
