import { reshape } from '../autodiff/operations.ts';
import { grad } from '../autodiff/reverse.ts';
import { isNode, pullbackSteps, recordSteps } from '../autodiff/tape.ts';
import { concrete } from '../autodiff/trace.ts';
import { part, type Steps } from '../tensor/drive.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { castTo, type DType, type Tensor, zeros } from '../tensor/tensor.ts';
import { pullbackProgram } from './chooseEngine.ts';
import type { CotangentSets } from './run/engine.ts';
import type { Program, RunOptions, Value } from './run/program.ts';

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

/** The values of the targets, and for each score ∂score/∂x of x's shape. */
export async function inputGradients(
  task: GradientTask,
  options: RunOptions = {},
): Promise<{ tensors: readonly Tensor[]; gradients: readonly Tensor[] }> {
  const { program, image, targets, x, isBatchable } = task;
  let tensors: readonly Tensor[] = [];
  function* cotangentsAt(values: ReadonlyMap<string, Value>): Steps<CotangentSets> {
    tensors = targets.map((name) => (values.get(name) as Value).tensor);
    return yield* cotangentsOf(tensors, task);
  }
  const given = inputOf(image, x);
  const back = { given, source: image, targets, cotangentsAt, isBatchable };
  const gradients = await pullbackProgram(program, back, options);
  return { tensors, gradients };
}
