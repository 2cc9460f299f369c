import {
  type DriveOptions,
  drain,
  drive,
  driveKinds,
  part,
  type Steps,
  stepsOf,
} from '../../tensor/drive.ts';
import { ShapeError } from '../../tensor/errors.ts';
import { checkThreads } from '../../tensor/kernels/backend.ts';
import { formatShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, type Tensor, type TensorLike, toTensor } from '../../tensor/tensor.ts';
import { wantTensor } from '../outputs.ts';
import { isNode, originOf, type Recording, recordSteps } from '../tape.ts';
import { concrete } from '../trace.ts';
import { action, checkCall } from './checkCall.ts';
import { candidatesFor, choosePlan, explainPlans, runPlan } from './choosePlan.ts';
import {
  type Certificate,
  constantResult,
  type DiagonalResult,
  flatReason,
  type Plan,
  tensorsOf,
  upFrom,
} from './diagonalResult.ts';
import { reachOf, wantedEntries } from './entries.ts';
import { cutSize, type Pruned, type Task } from './plan.ts';
import type { PlanName } from './plans.ts';
import type { Score } from './score.ts';
import { analyse, countKinks, nonlinearOperations, type Structure } from './structure.ts';

/** Which diagonal derivatives, of what, and how. */
export interface DiagonalOptions<N extends number = number> {
  /** Highest derivative, 3 unless given: d1, d2 and d3 are there up to it. */
  readonly order?: N | undefined;
  /** Row-major positions of the entries wanted; all unless given. The others come out as 0. */
  readonly entries?: ArrayLike<number> | undefined;
  readonly plan?: PlanName | 'auto' | undefined;
  /** Where f gives logits: the score of them that is differentiated. */
  readonly score?: Score | undefined;
  /**
   * Largest error allowed, as a share of the largest |D_r|, such as 1e-12; nothing unless given. `prob` and `logprob` then merge classes
   * of little probability before their VJPs; `certificate.pruned` has what was merged, and bounds of the errors.
   */
  readonly prune?: number | undefined;
  /**
   * Bytes that blocks of entries may take beside f and its values, such as 2 ** 31; some 2 GiB unless given. One entry at a time is held
   * whatever it takes.
   */
  readonly memory?: number | undefined;
  /** Told of the plan before it is run: the estimate of long work. What it throws ends the call. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
}

/** f, or the same in steps. */
export type StepwiseFunction = (a: Tensor) => Tensor | Steps<Tensor>;

interface Scored extends Recording {
  readonly logScale: number;
  readonly logits?: Tensor;
}

/** Records the score of f at the point. @throws ShapeError when it is not a scalar. */
function* recordScored(f: StepwiseFunction, point: Tensor, score: Score | undefined): Steps<Scored> {
  let logScale = 0;
  let logits: Tensor | undefined;
  function* scored([root]: readonly Tensor[]): Steps<Tensor> {
    const out = wantTensor(yield* stepsOf(f(root)), action);
    if (score === undefined) return out;
    logits = out;
    const value = score.value(out);
    logScale = value.logScale;
    return wantTensor(value.y, action);
  }
  const recording = yield* recordSteps(scored, [point]);
  const { shape } = isNode(recording.output) ? recording.output.value : recording.output;
  if (sizeOf(shape) === 1) return { ...recording, logScale, ...(logits && { logits }) };
  throw new ShapeError(
    `Cannot take diagonal of f: output must be a scalar, got shape ${formatShape(shape)}; give a score, such as a function of the logits`,
  );
}

function certify(structure: Structure, plan: PlanName, task: Task): Omit<Certificate, 'entries' | 'exact'> {
  const { output, linear } = structure;
  const flat = linear[output.index] === 1;
  const nonlinear = nonlinearOperations(structure);
  return {
    plan,
    identicallyZero: flat ? upFrom(2, task.order) : [],
    reason: flat
      ? flatReason
      : `beyond ${cutSize(structure)} piecewise-linear value(s), y is built of ${Object.keys(nonlinear).join(', ')}`,
    nonlinear,
    cut: cutSize(structure),
    live: task.live.length,
  };
}

/** The part of the steps in which the head is recorded and looked at, as progress shows it. */
const BEFORE_PLAN = 0.02;

/** `diagonal` in steps, of a call that is checked. */
export function* diagonalSteps(
  f: StepwiseFunction,
  a: TensorLike,
  options: DiagonalOptions = {},
): Steps<DiagonalResult<number>> {
  const { order = 3, score, plan: wantedPlan = 'auto', prune: tolerance, memory } = options;
  const point = contiguous(toTensor(a, action));
  const wanted = wantedEntries(sizeOf(point.shape), options.entries);
  const recorded = yield* part(recordScored(f, point, score), 0, BEFORE_PLAN / 2);
  const { tape, output, logits, logScale } = recorded;
  const value = concrete(isNode(output) ? output.value : output);
  const y = value.data[value.offset];
  const shared = { y, logScale, ...(logits && { logits: concrete(logits) }) };
  if (!isNode(output)) return { ...shared, ...constantResult(point, order, wanted.length) };

  const structure = analyse(tape, output);
  const node = logits && originOf(logits);
  const reach = yield* part(reachOf(structure, wanted), BEFORE_PLAN / 2, BEFORE_PLAN / 2);
  let pruned: Pruned | undefined;
  const prune = {
    tolerance: tolerance ?? 0,
    tell: (found: Pruned) => {
      pruned = found;
    },
  };
  const task: Task = {
    structure,
    ...{ order, memory },
    ...reach,
    ...(score && { score }),
    ...(node && { logits: node }),
    ...(tolerance && { prune }),
  };
  const candidates = candidatesFor(task);
  const chosen = choosePlan(candidates, wantedPlan);
  const plan: Plan = { ...chosen, candidates, explain: () => explainPlans(candidates, chosen) };
  options.onPlan?.(plan);
  const arrays = yield* part(runPlan(chosen.name, task), BEFORE_PLAN, 1 - BEFORE_PLAN);
  yield 1;
  return {
    ...shared,
    ...tensorsOf(arrays, point),
    plan,
    certificate: {
      ...certify(structure, chosen.name, task),
      exact: pruned === undefined,
      ...{ entries: wanted.length, ...(pruned && { pruned }) },
    },
    kinks: countKinks(structure),
  };
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
  return drain(diagonalSteps(f, a, options)) as DiagonalResult<N>;
}

/**
 * `diagonal`, with the same bits, that leaves the thread to others between its steps, tells how far it is, and stops when the
 * signal says so. f may be a generator that yields the share that is done, such as `headSteps` of `split.at(x)`: then its
 * evaluation is in steps, too. One step is one node for one block of entries, a few tenths of a second at most unless a
 * single node costs more. With `threads` its products are shared by no more than so many of the threads that `setThreads` has started.
 * @throws as `diagonal`, and the signal's reason when aborted. @throws InputError for several threads where there can be but one, naming why.
 * @example
 * (await diagonalAsync((a) => exp(sum(a)), tensor([0, 0]))).d3 // [1, 1]
 */
export async function diagonalAsync<N extends number = 3>(
  f: StepwiseFunction,
  a: TensorLike,
  options: DiagonalOptions<N> & DriveOptions = {},
): Promise<DiagonalResult<N>> {
  checkCall(f, options, driveKinds);
  checkThreads(options.threads, action);
  return (await drive(diagonalSteps(f, a, options), options)) as DiagonalResult<N>;
}
