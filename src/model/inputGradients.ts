import { add, reshape } from '../autodiff/operations.ts';
import { grad } from '../autodiff/reverse.ts';
import { isNode, originOf, pullback, record, type TapeNode } from '../autodiff/tape.ts';
import { concrete } from '../autodiff/trace.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { castTo, type DType, type Tensor, zeros } from '../tensor/tensor.ts';
import { evaluateAsync, pullbackAsync } from './evaluateAsync.ts';
import { evaluate, type Program, type RunOptions, type Value } from './run/program.ts';

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
  heads(tensors: readonly Tensor[]): Tensor;
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
function cotangentsOf(
  tensors: readonly Tensor[],
  { heads, headPrecision, scores, program }: GradientTask,
): Tensor[][] {
  const { tape, output } = record(
    heads,
    tensors.map((tensor) => castTo(tensor, headPrecision)),
  );
  return scores.map((score) => {
    if (!isNode(output)) return tensors.map(({ shape }) => zeros(shape, program.precision));
    const seed = seedOf(score, concrete(output.value));
    const grads = pullback(tape, new Map([[output, seed]]), tape.roots);
    return grads.map((g, i) => castTo(g ?? zeros(tensors[i].shape), program.precision));
  });
}

/** The backward pass by a recording of the trunk: whatever the network is made of. */
function recordedPullback(
  { program, image, targets }: GradientTask,
  x: Tensor,
  sets: readonly (readonly Tensor[])[],
): Tensor[] {
  let outputs: readonly Tensor[] = [];
  const { tape } = record(
    ([root]) => {
      const values = evaluate(program, inputOf(image, root), targets);
      outputs = targets.map((name) => (values.get(name) as Value).tensor);
      return outputs[0];
    },
    [x],
  );
  const nodes = outputs.map(originOf);
  return sets.map((cotangents) => {
    const seeds = new Map<TapeNode, Tensor>();
    nodes.forEach((node, i) => {
      if (node === undefined) return;
      const before = seeds.get(node);
      seeds.set(node, before === undefined ? cotangents[i] : add(before, cotangents[i]));
    });
    const [gradient] = pullback(tape, seeds, tape.roots);
    return gradient ?? zeros(x.shape, program.precision);
  });
}

async function recordEach(
  task: GradientTask,
  sets: readonly (readonly Tensor[])[],
  { signal, onProgress }: RunOptions,
): Promise<Tensor[]> {
  const { x, isBatchable } = task;
  const count = isBatchable ? x.shape[0] : 1;
  const part = (tensor: Tensor, s: number) => (isBatchable ? batchRow(tensor, s) : tensor);
  const rows: Tensor[][] = [];
  for (let s = 0; s < count; s++) {
    signal?.throwIfAborted();
    const cotangents = sets.map((set) => set.map((cotangent) => part(cotangent, s)));
    rows.push(recordedPullback(task, part(x, s), cotangents));
    onProgress?.(0.5 + (0.5 * (s + 1)) / count);
    // Recorded passes run at once: let others have the thread in between.
    await new Promise((resume) => setTimeout(resume));
  }
  return sets.map((_, i) => stackRows(rows.map((row) => row[i])));
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
  const cotangentsAt = (values: ReadonlyMap<string, Value>) => {
    tensors = targets.map((name) => (values.get(name) as Value).tensor);
    sets = cotangentsOf(tensors, task);
    return sets;
  };
  const gradients = await pullbackAsync(program, { given, source: image, targets, cotangentsAt }, options);
  if (gradients !== undefined) return { tensors, gradients };
  const onProgress = (share: number) => options.onProgress?.(share / 2);
  cotangentsAt(await evaluateAsync(program, given, targets, { ...options, onProgress }));
  return { tensors, gradients: await recordEach(task, sets, options) };
}
