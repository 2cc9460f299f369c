import { concat, reshape } from '../autodiff/operations.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import { inPrecision } from '../autodiff/primitives/staircase.ts';
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

/** Images taken through the trunk. Where a split names outputs, their entries one behind the other are what is called logits here. */
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
  /** What the head gives by name, each tensor in its own shape. */
  outputsSteps(a: Tensor): Steps<Readonly<Record<string, Tensor>>>;
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
  /** Tensors whose entries are the logits z, one behind the other. */
  readonly outputs: readonly string[];
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
  readonly outputs: readonly string[];
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

/** Tensors of a set that do not descend from the layer and enter nodes behind the layer, or are outputs themselves. */
function enteringBehind({ graph, outputs, layer }: SplitParts, fromImage: ReadonlySet<string>): string[] {
  const behind = descendantsOf(graph, [layer]);
  const passes = (name: string) => fromImage.has(name) && !behind.has(name);
  const bypasses = new Set<string>();
  for (const node of nodesFor(graph, outputs, new Set([layer]))) {
    if (!node.outputs.some((output) => behind.has(output))) continue;
    for (const input of node.inputs) if (passes(input)) bypasses.add(input);
  }
  for (const output of outputs) if (passes(output)) bypasses.add(output);
  return [...bypasses];
}

/** @throws InputError where none of the outputs depends on the layer. */
function checkReach({ graph, outputs, layer }: SplitParts): void {
  const behind = valuesFrom(graph, [layer]);
  if (outputs.some((output) => behind.has(output))) return;
  const what = outputs.length === 1 ? 'the logits' : 'the outputs';
  throw new InputError(
    `Cannot split at ${layer}: ${what} ${outputs.join(', ')} do not depend on it; choose another layer`,
  );
}

export function splitModel(parts: SplitParts): Split {
  const { graph, image, outputs, layer, program, trunkPrecision, headPrecision } = parts;
  checkReach(parts);
  // What is known of the image's shape alone is held, too, but tells the head nothing of it.
  const held = enteringBehind(parts, descendantsOf(graph, [image]));
  const bypasses = enteringBehind(parts, valuesFrom(graph, [image]));
  const targets = [layer, ...held];
  const checked = (x: NdarrayLike) => castTo(asTensor(x), trunkPrecision);
  const tensorsOf = (values: ReadonlyMap<string, Value>) =>
    targets.map((name) => (values.get(name) as Value).tensor);

  function* valuesOf(tensors: readonly Tensor[]): Steps<Tensor[]> {
    const given = new Map<string, Value>(
      targets.map((name, i) => [name, { tensor: inPrecision(tensors[i], headPrecision), type: 'float32' }]),
    );
    const values = yield* steps(program(headPrecision), given, outputs);
    return outputs.map((name) => (values.get(name) as Value).tensor);
  }

  function* headOf(tensors: readonly Tensor[], shape: Shape): Steps<Tensor> {
    const rows = (yield* valuesOf(tensors)).map((value) => reshape(value, shape));
    return rows.length === 1 ? rows[0] : concat(rows, shape.length - 1);
  }

  function runOf(tensors: readonly Tensor[]): SplitRun {
    const [activation, ...others] = tensors;
    // Once: a head is run many times.
    const sides = others.map((side) => castTo(side, headPrecision));
    const headSteps = (a: Tensor) => headOf([a, ...sides], [-1]);
    const headsSteps = (a: Tensor) => headOf([a, ...sides], [a.shape[0], -1]);
    return {
      activation,
      head: (a) => drain(headSteps(a)),
      heads: (a) => drain(headsSteps(a)),
      image: (n) => runOf(tensors.map((tensor) => batchRow(tensor, n))),
      ...{ headSteps, headsSteps },
      *outputsSteps(a) {
        const values = yield* valuesOf([a, ...sides]);
        return Object.fromEntries(outputs.map((name, i) => [name, values[i]]));
      },
    };
  }

  return {
    layer,
    ...(parts.shape && { shape: parts.shape }),
    ...{ bypasses, outputs },
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
      if (bypasses.length > 0 || outputs.length > 1) return undefined;
      return headForm({ graph, layer, logits: outputs[0], shapes: parts.shapes() });
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
