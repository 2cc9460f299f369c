import { reshape } from '../autodiff/operations.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import { drain, type Steps } from '../tensor/drive.ts';
import { InputError } from '../tensor/errors.ts';
import { batchRow } from '../tensor/rows.ts';
import type { Shape } from '../tensor/shape.ts';
import { asTensor, castTo, type DType, type NdarrayLike, type Tensor } from '../tensor/tensor.ts';
import { runProgram } from './chooseEngine.ts';
import type { Axes } from './graph/axes.ts';
import { descendantsOf, type Graph, nodesFor, valuesFrom } from './graph/graph.ts';
import { type HeadForm, headForm } from './graph/headForm.ts';
import { isSigned } from './graph/signed.ts';
import { inputGradients, inputOf } from './inputGradients.ts';
import { isBatchable } from './run/batchable.ts';
import { type Program, type RunOptions, steps, type Value } from './run/program.ts';

/** Images taken through the trunk. */
export interface SplitRun {
  /** A at these images, [N, K, H, W], in the trunk's precision. */
  readonly activation: Tensor;
  /**
   * Logits [m] of one image as a differentiable function of A, in the head's precision. Tensors that pass by the layer are held
   * at the image's values.
   */
  head(a: Tensor): Tensor;
  /** Logits [N, m] of all images. */
  heads(a: Tensor): Tensor;
  /** The same in steps, node by node: for `diagonalAsync` and its like, which leave the thread to others in between. */
  headSteps(a: Tensor): Steps<Tensor>;
  headsSteps(a: Tensor): Steps<Tensor>;
  /** One of the images, as if it had gone through the trunk alone. */
  image(n: number): SplitRun;
}

/** A model cut at a tensor: trunk image → A, head A → z. */
export interface Split {
  /** Name of the tensor. */
  readonly layer: string;
  /** Its shape [1, K, H, W] at the model's own input size; absent where it is not known. */
  readonly shape?: Shape;
  /** What its axes mean; undefined where that is not known. */
  readonly layout: Layout | undefined;
  /** Whether the logits may depend on cells of it, its axes being this. */
  reaches(layout: Layout): boolean;
  /** Whether its entries may lie far on either side of 0, as behind a normalization or on a residual stream: not behind an activation. */
  readonly isSigned: boolean;
  /** Tensors besides A that lead from the image into the head: empty where A is all that the head sees. */
  readonly bypasses: readonly string[];
  /** What the slopes of the logits are made of, where A is all that the head sees and its graph shows it. */
  readonly headForm: HeadForm | undefined;
  /** A [N, K, H, W] for images x [N, C, H, W]. */
  trunk(x: NdarrayLike, options?: RunOptions): Promise<Tensor>;
  /** Logits [m] of A [1, K, H, W]. @throws InputError where tensors bypass the layer: use `at(x)`. */
  head(a: Tensor): Tensor;
  /** Whether each of several images gives what it gives alone; where not, `trunk` and `at` take one at a time. */
  readonly isBatchable: boolean;
  /** Images [N, C, H, W] through the trunk, with the head that belongs to them. */
  at(x: NdarrayLike, options?: RunOptions): Promise<SplitRun>;
  /**
   * What `at` gives, and for each score its gradient ∂/∂x [N, C, H, W], through the layer and all that passes by it. A score is
   * a class, for its logit z_c, or a scalar function of an image's logits [m]. Cost: one pass through the trunk for all scores, and
   * one backward pass for each.
   */
  inputGradients(
    x: NdarrayLike,
    scores: readonly (number | ((z: Tensor) => Tensor))[],
    options?: RunOptions,
  ): Promise<SplitRun & { readonly gradients: readonly Tensor[] }>;
}

export interface SplitParts {
  readonly graph: Graph;
  readonly image: string;
  readonly logits: string;
  readonly layer: string;
  readonly shape?: Shape;
  /** Shapes of all tensors, by name. */
  shapes(): ReadonlyMap<string, Shape>;
  /** What the axes of all tensors mean. */
  axes(): Axes;
  readonly program: (precision: DType) => Program;
  readonly trunkPrecision: DType;
  readonly headPrecision: DType;
}

/** Tensors of a set that do not descend from the layer and enter nodes behind the layer. */
function enteringBehind({ graph, logits, layer }: SplitParts, fromImage: ReadonlySet<string>): string[] {
  const behind = descendantsOf(graph, [layer]);
  const bypasses = new Set<string>();
  for (const node of nodesFor(graph, [logits], new Set([layer]))) {
    if (!node.outputs.some((output) => behind.has(output))) continue;
    for (const input of node.inputs) if (fromImage.has(input) && !behind.has(input)) bypasses.add(input);
  }
  return [...bypasses];
}

export function splitModel(parts: SplitParts): Split {
  const { graph, image, logits, layer, program, trunkPrecision, headPrecision } = parts;
  // What is known of the image's shape alone is held, too, but tells the head nothing of it.
  const held = enteringBehind(parts, descendantsOf(graph, [image]));
  const bypasses = enteringBehind(parts, valuesFrom(graph, [image]));
  if (!valuesFrom(graph, [layer]).has(logits)) {
    throw new InputError(
      `Cannot split at ${layer}: the logits ${logits} do not depend on it; choose another layer`,
    );
  }
  const targets = [layer, ...held];
  const checked = (x: NdarrayLike) => castTo(asTensor(x), trunkPrecision);
  const tensorsOf = (values: ReadonlyMap<string, Value>) =>
    targets.map((name) => (values.get(name) as Value).tensor);

  function* headOf(tensors: readonly Tensor[], shape: Shape): Steps<Tensor> {
    const given = new Map<string, Value>(
      targets.map((name, i) => [name, { tensor: tensors[i], type: 'float32' }]),
    );
    const values = yield* steps(program(headPrecision), given, [logits]);
    return reshape((values.get(logits) as Value).tensor, shape);
  }

  function runOf(tensors: readonly Tensor[]): SplitRun {
    const [activation, ...others] = tensors;
    const sides = others.map((side) => castTo(side, headPrecision));
    const headSteps = (a: Tensor) => headOf([a, ...sides], [-1]);
    const headsSteps = (a: Tensor) => headOf([a, ...sides], [a.shape[0], -1]);
    return {
      activation,
      head: (a) => drain(headSteps(a)),
      heads: (a) => drain(headsSteps(a)),
      image: (n) => runOf(tensors.map((tensor) => batchRow(tensor, n))),
      ...{ headSteps, headsSteps },
    };
  }

  return {
    layer,
    ...(parts.shape && { shape: parts.shape }),
    bypasses,
    get layout() {
      return parts.axes().layoutOf(layer);
    },
    reaches: (layout) => parts.axes().reaches(layer, layout),
    get isSigned() {
      return isSigned(graph, image, layer);
    },
    trunk: async (x, options) =>
      (
        await runProgram(
          program(trunkPrecision),
          { given: inputOf(image, checked(x)), targets: [layer] },
          options,
        )
      ).get(layer)?.tensor as Tensor,
    head(a) {
      if (held.length > 0) {
        throw new InputError(
          `Cannot run the head of ${layer} on A alone: ${held.join(', ')} pass by it; use split.at(x), which holds them at x`,
        );
      }
      return drain(headOf([a], [-1]));
    },
    get headForm() {
      return bypasses.length > 0 ? undefined : headForm({ graph, layer, logits, shapes: parts.shapes() });
    },
    get isBatchable() {
      return isBatchable(program(trunkPrecision), image);
    },
    at: async (x, options) =>
      runOf(
        tensorsOf(
          await runProgram(program(trunkPrecision), { given: inputOf(image, checked(x)), targets }, options),
        ),
      ),
    async inputGradients(x, scores, options) {
      const trunk = program(trunkPrecision);
      const point = checked(x);
      const heads = (tensors: readonly Tensor[]) => headOf(tensors, [point.shape[0], -1]);
      const batch = { x: point, scores, isBatchable: isBatchable(trunk, image) };
      const task = { program: trunk, image, targets, ...batch, heads, headPrecision };
      const { tensors, gradients } = await inputGradients(task, options);
      return { ...runOf(tensors), gradients };
    },
  };
}
