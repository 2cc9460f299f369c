import { concrete, isDifferentiated } from '../autodiff/trace.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { contiguous, type DType, type Tensor } from '../tensor/tensor.ts';
import type { Attributes, ElementType } from './types.ts';

/** A tensor with its ONNX element type: integers and booleans live in float64 tensors. */
export interface Value {
  readonly tensor: Tensor;
  readonly type: ElementType;
}

/** What a layer is told besides its inputs and attributes. */
export interface LayerContext {
  /** Version of the ONNX operator set whose semantics hold. */
  readonly opset: number;
  /** ONNX element types of the inputs. Integers and booleans live in float64 tensors (exact up to 2^53). */
  readonly types: readonly (ElementType | undefined)[];
  /** How many outputs the node names. */
  readonly outputs: number;
  /** Precision in which floats are computed. */
  readonly precision: DType;
  /**
   * The rows of the network's operators, for those of graphs inside of nodes.
   * @internal
   */
  readonly layers?: Layers;
}

/** What an attribute holds. */
export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'text' | 'texts' | 'tensor' | 'graph';

/** A node as the facts of its operator are told of it. */
export interface NodeView {
  readonly attributes: Attributes;
  /** Axes of the input that holds images along its first. */
  readonly rank: number;
  /** How many outputs the node names. */
  readonly outputs: number;
  /** The values of input i where it is a constant. */
  constant(i: number): readonly number[] | undefined;
}

/**
 * What no run of an operator shows, and the analysis of graphs must know: the compiler asks for it in every row, since what a
 * default would get wrong are numbers, without a word.
 */
export interface Facts {
  /**
   * Whether what lies behind one index of axis 0 of the input decides alone what lies behind that index of the output, where both
   * are as long: so that images that are computed together come out as each alone.
   */
  readonly images: 'apart' | ((node: NodeView) => boolean);
  /** The first of the inputs whose *values* decide the shape of what comes out; Infinity where none does. */
  readonly steeredFrom: number;
  /** Which cells of the input a cell (y, x) of an output with the same sides sees: itself alone, a window, or perhaps all. */
  readonly sees: 'cell' | 'window' | 'map';
}

/** Which inputs an operator is affine in: all of them together, any single one, or the first. */
export type Affine = 'jointly' | 'singly' | 'first';

/** One ONNX operator as a composition of primitives, so that every mode of differentiation runs through it. */
export interface Layer extends Facts {
  /** How many inputs it takes; those that are always needed come first. */
  readonly inputs: readonly [least: number, most: number];
  /** How many outputs it gives at most; one unless given. */
  readonly outputs?: number;
  /** What its attributes hold, of those that it looks at. */
  readonly attributes?: Readonly<Record<string, AttributeKind>>;
  /** Whether attributes and inputs fit together, as far as the shapes of inputs are known. @throws InputError */
  fits?(shapes: readonly (Shape | undefined)[], attributes: Attributes): void;
  /**
   * What it is affine in, the other inputs being constants: all its inputs together, any single one, or the first. Unless given, it may
   * be affine in none.
   */
  readonly affine?: Affine | ((node: Pick<NodeView, 'attributes'>) => Affine | undefined);
  /** Whether what it gives is bounded from below, or falls slowly where it is negative: an activation. */
  readonly activates?: true;
  /** Whether its slope is 0 or 1 at every entry. */
  readonly gates?: true;
  /** Its derivatives are those of what it rounds, not its own; where it is `scaled` by its own values, that scale is held, too. */
  readonly straightThrough?: 'fixed' | 'scaled';
  /**
   * The same entries in row-major order ('renames'), all of them elsewhere, perhaps between zeros ('rearranges'), or some of them
   * ('selects').
   */
  readonly moves?: 'renames' | 'rearranges' | 'selects';
  /** Whether the sides of what it gives lie over those of its input, in another number of cells; its windows say so of themselves. */
  readonly resizes?: true;
  /** Whether the axes behind the second of its input are rows and columns, whatever they hold; its windows say so of themselves. */
  readonly hasSides?: true;
  /** Whether it gathers a map: a layer to explain lies before it. */
  readonly pools?: true;
  /** Whether a map for each class is still one behind it. */
  readonly keepsClassMap?: true;
  /** What it makes of the logits where a network ends in it. */
  readonly ending?: 'softmax' | 'sigmoid';
  /** Whether it gives the places of the largest entries: logits stand before it. */
  readonly picks?: true;
  /** Whether it looks at the shapes of its inputs only. */
  readonly readsShapes?: true;
  /** Inputs that a product reads as weights: kept in float32, since the kernels widen them as they go. */
  readonly weights?: readonly number[];
  /** Inputs that kernels read once, to keep what they make of them. */
  readonly readOnce?: readonly number[];
  evaluate(
    inputs: readonly (Tensor | undefined)[],
    attributes: Attributes,
    context: LayerContext,
  ): Tensor | readonly Tensor[];
  /**
   * As `evaluate`, of an operator whose element types only computing tells, or whose whole numbers need not be looked at.
   * @internal
   */
  evaluateTyped?(...given: Parameters<Layer['evaluate']>): readonly Value[];
  /** Element types of the outputs; that of the first input unless given. */
  types?(
    types: readonly (ElementType | undefined)[],
    attributes: Attributes,
    outputs: number,
  ): readonly (ElementType | undefined)[];
}

export type Layers = Readonly<Record<string, Layer>>;

/** Input i. @throws InputError when it is absent. */
export function need(inputs: readonly (Tensor | undefined)[], i: number, name: string): Tensor {
  const x = inputs[i];
  if (x === undefined) throw new InputError(`its input ${name} is missing`);
  return x;
}

export function wrongAttribute(name: string, wanted: string, got: unknown): InputError {
  return new InputError(`its attribute ${name} must be ${wanted}, got ${describe(got)}`);
}

export function number(attributes: Attributes, name: string, fallback: number): number {
  const value = attributes[name] ?? fallback;
  if (typeof value !== 'number') throw wrongAttribute(name, 'a number', value);
  return value;
}

export function text(attributes: Attributes, name: string, fallback: string): string {
  const value = attributes[name] ?? fallback;
  if (typeof value !== 'string') throw wrongAttribute(name, 'a text', value);
  return value;
}

/** One of the words that ONNX defines for an attribute; the first of them unless given. */
export function choice<T extends string>(attributes: Attributes, name: string, words: readonly T[]): T {
  const value = attributes[name] ?? words[0];
  const word = words.find((each) => each === value);
  if (word === undefined) throw wrongAttribute(name, words.join(', '), value);
  return word;
}

export function numbers(attributes: Attributes, name: string): readonly number[] | undefined;
export function numbers(attributes: Attributes, name: string, fallback: readonly number[]): readonly number[];
export function numbers(attributes: Attributes, name: string, fallback?: readonly number[]) {
  const value = attributes[name] ?? fallback;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'number'))
    throw wrongAttribute(name, 'a list of numbers', value);
  return value as readonly number[];
}

/**
 * The values of an input that steers the operation (axes, shapes, pads, bounds).
 * @throws InputError where they depend on what is differentiated: no derivative passes through them, and none is silently 0.
 */
export function valuesOf(x: Tensor | undefined): number[] | undefined {
  if (x === undefined) return undefined;
  if (isDifferentiated(x))
    throw new InputError(
      'an input that steers it depends on what is differentiated: hold that input constant',
    );
  return Array.from(contiguous(concrete(x)).data);
}

/** Axes given as an attribute (older operator sets) or as an input (newer ones). */
export function listOf(
  attributes: Attributes,
  name: string,
  input: Tensor | undefined,
): readonly number[] | undefined {
  return numbers(attributes, name) ?? valuesOf(input);
}

/** Facts of what computes each entry from the entries at its place. */
export const entrywise = {
  images: 'apart',
  steeredFrom: Number.POSITIVE_INFINITY,
  sees: 'cell',
} as const satisfies Facts;

/** Facts of what keeps images apart and sees perhaps all of a map. */
export const wholeMap = { ...entrywise, sees: 'map' } as const satisfies Facts;

/** Whether an axis, perhaps counted from the end, is the one that images lie along. */
export const isImageAxis = (axis: number, { rank }: Pick<NodeView, 'rank'>): boolean =>
  axis === 0 || axis === -rank;

/** Images stay apart unless the operator works along their axis; `fallback` is the axis where the node names none. */
export const unlessAlongImages =
  (fallback?: number) =>
  (node: NodeView): boolean => {
    const axis = node.attributes.axis ?? fallback;
    return typeof axis !== 'number' || !isImageAxis(axis, node);
  };

/** A layer of one input and one output. */
export function simple(
  f: (x: Tensor, attributes: Attributes, context: LayerContext) => Tensor,
  facts: Facts,
  attributes: Layer['attributes'] = {},
): Layer {
  return {
    ...facts,
    inputs: [1, 1],
    attributes,
    evaluate: (inputs, given, context) => f(need(inputs, 0, 'X'), given, context),
  };
}

/** The same layer with outputs of a fixed element type. */
export function typed(type: ElementType, layer: Layer): Layer {
  return { ...layer, types: () => [type] };
}

export const isInteger = (type: ElementType | undefined): boolean =>
  type !== undefined && /^u?int/.test(type);
