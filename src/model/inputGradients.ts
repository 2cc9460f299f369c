import { add, reshape } from '../autodiff/operations.ts';
import { grad } from '../autodiff/reverse.ts';
import { isNode, originOf, pullbackSteps, recordSteps, type TapeNode } from '../autodiff/tape.ts';
import { concrete } from '../autodiff/trace.ts';
import { drive, part, type Steps } from '../tensor/drive.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { castTo, type DType, type Tensor, zeros } from '../tensor/tensor.ts';
import { evaluateAsync, pullbackAsync } from './evaluateAsync.ts';
import { type Program, type RunOptions, steps, type Value } from './run/program.ts';

export interface GradientTask {
  /** The trunk: image → targets. */
  readonly program: Program;
  readonly image: string;
  readonly targets: readonly string[];
  /** Images [N, C, H, W] in the trunk's precision. */
  readonly x: Tensor;
  /** What is differentiated: a class's logit, or a scalar function of an image's logits [m]. */
  readonly scores: readonly (number | ((z: Tensor) => Tensor))[];
  /** Logits [N, m] of the targets in the head's precision, differentiable. */
  heads(tensors: readonly Tensor[]): Steps<Tensor>;
  readonly headPrecision: DType;
  /** Whether the images do not meet. */
  readonly isBatchable: boolean;
}

/** The image as what a program is given. */
export const inputOf = (image: string, x: Tensor) =>
  new Map<string, Value>([[image, { tensor: x, type: 'float32' }]]);

/** ∂score/∂z of each row of logits z [N, m]. */
function seedOf(score: GradientTask['scores'][number], z: Tensor): Tensor {
  if (typeof score === 'function') {
    return stackRows(
      Array.from({ length: z.shape[0] }, (_, s) => {
        const row = reshape(batchRow(z, s), [-1]);
        return reshape(grad((x: Tensor) => score(x))(row), [1, ...row.shape]);
      }),
    );
  }
  const seed = zeros(z.shape, z.dtype);
  for (let s = 0; s < z.shape[0]; s++) seed.data[s * z.shape[1] + score] = 1;
  return seed;
}

/** For each score the cotangents of the targets, in the trunk's precision: one recording of the head for all. */
function* cotangentsOf(
  tensors: readonly Tensor[],
  { heads, headPrecision, scores, program }: GradientTask,
): Steps<Tensor[][]> {
  const { tape, output } = yield* part(
    recordSteps(
      heads,
      tensors.map((tensor) => castTo(tensor, headPrecision)),
    ),
    0,
    0.4,
  );
  const sets: Tensor[][] = [];
  for (const [at, score] of scores.entries()) {
    if (!isNode(output)) {
      sets.push(tensors.map(({ shape }) => zeros(shape, program.precision)));
      continue;
    }
    const seed = seedOf(score, concrete(output.value));
    const way = pullbackSteps(tape, new Map([[output, seed]]), tape.roots);
    const grads = yield* part(way, 0.4 + (0.6 * at) / scores.length, 0.6 / scores.length);
    sets.push(grads.map((g, i) => castTo(g ?? zeros(tensors[i].shape), program.precision)));
  }
  return sets;
}

/** The backward pass by a recording of the trunk: whatever the network is made of. */
function* recordedPullback(
  { program, image, targets }: GradientTask,
  x: Tensor,
  sets: readonly (readonly Tensor[])[],
): Steps<Tensor[]> {
  let outputs: readonly Tensor[] = [];
  function* trunk([root]: readonly Tensor[]): Steps<Tensor> {
    const values = yield* part(steps(program, inputOf(image, root), targets), 0, 0.4);
    outputs = targets.map((name) => (values.get(name) as Value).tensor);
    return outputs[0];
  }
  const { tape } = yield* recordSteps(trunk, [x]);
  const nodes = outputs.map(originOf);
  const gradients: Tensor[] = [];
  for (const [at, cotangents] of sets.entries()) {
    const seeds = new Map<TapeNode, Tensor>();
    nodes.forEach((node, i) => {
      if (node === undefined) return;
      const before = seeds.get(node);
      seeds.set(node, before === undefined ? cotangents[i] : add(before, cotangents[i]));
    });
    const way = pullbackSteps(tape, seeds, tape.roots);
    const [gradient] = yield* part(way, 0.4 + (0.6 * at) / sets.length, 0.6 / sets.length);
    gradients.push(gradient ?? zeros(x.shape, program.precision));
  }
  return gradients;
}

function* recordEach(task: GradientTask, sets: readonly (readonly Tensor[])[]): Steps<Tensor[]> {
  const { x, isBatchable } = task;
  const count = isBatchable ? x.shape[0] : 1;
  const row = (tensor: Tensor, s: number) => (isBatchable ? batchRow(tensor, s) : tensor);
  const rows: Tensor[][] = [];
  for (let s = 0; s < count; s++) {
    const cotangents = sets.map((set) => set.map((cotangent) => row(cotangent, s)));
    rows.push(yield* part(recordedPullback(task, row(x, s), cotangents), s / count, 1 / count));
    yield (s + 1) / count;
  }
  return sets.map((_, i) => stackRows(rows.map((each) => each[i])));
}

/** The values of the targets, and for each score ∂score/∂x of x's shape. Computed on the backend's kernels where they have a backward pass. */
export async function inputGradients(
  task: GradientTask,
  options: RunOptions = {},
): Promise<{ tensors: readonly Tensor[]; gradients: readonly Tensor[] }> {
  const { program, image, targets, x } = task;
  const given = inputOf(image, x);
  let tensors: readonly Tensor[] = [];
  let sets: readonly (readonly Tensor[])[] = [];
  function* cotangentsAt(values: ReadonlyMap<string, Value>): Steps<readonly (readonly Tensor[])[]> {
    tensors = targets.map((name) => (values.get(name) as Value).tensor);
    sets = yield* cotangentsOf(tensors, task);
    return sets;
  }
  const gradients = await pullbackAsync(program, { given, source: image, targets, cotangentsAt }, options);
  if (gradients !== undefined) return { tensors, gradients };
  const share = (from: number, weight: number): RunOptions => ({
    ...options,
    onProgress: (done) => options.onProgress?.(from + weight * done),
  });
  const values = await evaluateAsync(program, given, targets, share(0, 0.4));
  await drive(cotangentsAt(values), share(0.4, 0.1));
  return { tensors, gradients: await drive(recordEach(task, sets), share(0.5, 0.5)) };
}
