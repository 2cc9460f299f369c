import { originOf, pullbackSteps, recordSteps, seedsOf } from '../../autodiff/tape.ts';
import { part, type Steps, stepsOf } from '../../tensor/drive.ts';
import { batchRow, stackRows } from '../../tensor/rows.ts';
import { type Tensor, zeros } from '../../tensor/tensor.ts';
import type { CotangentSets, Engine, PullbackTask } from './engine.ts';
import { type Program, steps, type Value } from './program.ts';

/** The backward pass by a recording: whatever the network is made of. */
function* recordedPullback(
  program: Program,
  { given, source, targets }: PullbackTask,
  { x, sets }: { x: Tensor; sets: CotangentSets },
): Steps<Tensor[]> {
  let outputs: readonly Tensor[] = [];
  function* forward([root]: readonly Tensor[]): Steps<Tensor> {
    const inputs = new Map(given).set(source, { ...(given.get(source) as Value), tensor: root });
    const values = yield* part(steps(program, inputs, targets), 0, 0.4);
    outputs = targets.map((name) => (values.get(name) as Value).tensor);
    return outputs[0];
  }
  const { tape } = yield* recordSteps(forward, [x]);
  const nodes = outputs.map(originOf);
  const gradients: Tensor[] = [];
  for (const [at, cotangents] of sets.entries()) {
    const seeds = seedsOf(nodes, cotangents);
    const way = pullbackSteps(tape, seeds, tape.roots);
    const [gradient] = yield* part(way, 0.4 + (0.6 * at) / sets.length, 0.6 / sets.length);
    gradients.push(gradient ?? zeros(x.shape, program.precision));
  }
  return gradients;
}

/** Row by row of the source, where they do not meet: a recording holds every value on the way. */
function* recordEach(program: Program, task: PullbackTask, sets: CotangentSets): Steps<Tensor[]> {
  const { given, source, isBatchable = false } = task;
  const { tensor: x } = given.get(source) as Value;
  const count = isBatchable ? x.shape[0] : 1;
  const row = (tensor: Tensor, s: number) => (isBatchable ? batchRow(tensor, s) : tensor);
  const rows: Tensor[][] = [];
  for (let s = 0; s < count; s++) {
    const cotangents = sets.map((set) => set.map((cotangent) => row(cotangent, s)));
    const way = recordedPullback(program, task, { x: row(x, s), sets: cotangents });
    rows.push(yield* part(way, s / count, 1 / count));
    yield (s + 1) / count;
  }
  return sets.map((_, i) => stackRows(rows.map((each) => each[i])));
}

/** The engine that computes whatever there is: node by node, and backwards by recording them. */
export function nodeByNode(program: Program): Engine {
  return {
    run: ({ given, targets }) => steps(program, given, targets),
    *pullback(task) {
      const { given, targets } = task;
      const values = task.values ?? (yield* part(steps(program, given, targets), 0, 0.1));
      const sets = yield* part(stepsOf(task.cotangentsAt(values)), 0.1, 0.1);
      return yield* part(recordEach(program, task, sets), 0.2, 0.8);
    },
  };
}
