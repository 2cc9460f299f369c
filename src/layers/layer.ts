import { concrete } from '../autodiff/trace.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { contiguous, type DType, type Tensor } from '../tensor/tensor.ts';
import type { Attributes, ElementType } from './types.ts';

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
}

/** What an attribute holds. */
export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'text' | 'texts' | 'tensor';

/** One ONNX operator as a composition of primitives, so that every mode of differentiation runs through it. */
export interface Layer {
  /** How many inputs it takes; those that are always needed come first. */
  readonly inputs: readonly [least: number, most: number];
  /** How many outputs it gives at most; one unless given. */
  readonly outputs?: number;
  /** What its attributes hold, of those that it looks at. */
  readonly attributes?: Readonly<Record<string, AttributeKind>>;
  /** Whether attributes and inputs fit together, as far as the shapes of inputs are known. @throws InputError */
  fits?(shapes: readonly (Shape | undefined)[], attributes: Attributes): void;
  evaluate(
    inputs: readonly (Tensor | undefined)[],
    attributes: Attributes,
    context: LayerContext,
  ): Tensor | readonly Tensor[];
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

/** The values of an input that steers the operation (axes, shapes, pads): constants for every derivative. */
export function valuesOf(x: Tensor | undefined): number[] | undefined {
  return x === undefined ? undefined : Array.from(contiguous(concrete(x)).data);
}

/** Axes given as an attribute (older operator sets) or as an input (newer ones). */
export function listOf(
  attributes: Attributes,
  name: string,
  input: Tensor | undefined,
): readonly number[] | undefined {
  return numbers(attributes, name) ?? valuesOf(input);
}

/** A layer of one input and one output. */
export function simple(
  f: (x: Tensor, attributes: Attributes, context: LayerContext) => Tensor,
  attributes: Layer['attributes'] = {},
): Layer {
  return {
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
