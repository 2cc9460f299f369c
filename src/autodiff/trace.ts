import { InputError } from '../tensor/errors.ts';
import { Printed, printTensor } from '../tensor/printed.ts';
import type { Shape } from '../tensor/shape.ts';
import type { DType, Tensor } from '../tensor/tensor.ts';
import type { Primitive } from './primitive.ts';

/**
 * One running transformation. Levels are numbered in the order they start: where tensors of several levels meet, the
 * youngest handles the operation and treats the others as constants (no perturbation confusion).
 */
export interface Level {
  readonly id: number;
  apply(primitive: Primitive, inputs: readonly Tensor[], attributes: unknown): Tensor;
}

const trace = Symbol('trace');

/** A tensor inside a transformation: `primal` is its value one level down. */
export interface Traced extends Tensor {
  readonly [trace]: { readonly level: Level; readonly primal: Tensor };
}

let started = 0;

/** The id of a new level, larger than every earlier one. */
export function nextLevelId(): number {
  started += 1;
  return started;
}

export function isTraced(x: Tensor): x is Traced {
  return trace in x;
}

export function levelOf(x: Tensor): Level | undefined {
  return isTraced(x) ? x[trace].level : undefined;
}

/** A tensor that stands for a whole family of values: it has their shape and dtype, and its data cannot be read. */
class TracedTensor extends Printed implements Traced {
  readonly [trace]: { readonly level: Level; readonly primal: Tensor };
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
  readonly dtype: DType;

  constructor(level: Level, primal: Tensor) {
    super();
    this[trace] = { level, primal };
    this.shape = primal.shape;
    this.stride = primal.stride;
    this.offset = primal.offset;
    this.dtype = primal.dtype;
  }

  get data(): never {
    throw new InputError(
      'Cannot read the values of a tensor inside a function that is being differentiated: they stand for a whole ' +
        'family of values; use operations such as where or stopGradient(x)',
    );
  }

  override toString(): string {
    return `${printTensor(concrete(this))} (being differentiated)`;
  }
}

/** A traced tensor: shape and dtype of its value, data that cannot be read. */
export function traced<P extends object>(level: Level, primal: Tensor, payload: P): Traced & P {
  return Object.assign(new TracedTensor(level, primal), payload);
}

/** The value one level down, at `level`; x itself where x is a constant for that level. */
export function primalAt(x: Tensor, level: Level): Tensor {
  return isTraced(x) && x[trace].level === level ? x[trace].primal : x;
}

/** The plain tensor underneath all levels. */
export function concrete(x: Tensor): Tensor {
  let value = x;
  while (isTraced(value)) value = value[trace].primal;
  return value;
}

/** Runs a primitive: on plain tensors its kernel, else by the rule of the youngest level among the inputs. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  let youngest: Level | undefined;
  for (const x of inputs) {
    const level = levelOf(x);
    if (level !== undefined && (youngest === undefined || level.id > youngest.id)) youngest = level;
  }
  if (youngest === undefined) return primitive.forward(inputs, attributes);
  if (primitive.kind === 'constant') return primitive.forward(inputs.map(concrete), attributes);
  return youngest.apply(primitive as Primitive, inputs, attributes);
}

/** x as a constant: its value, and zero derivative in every mode. */
export function stopGradient(x: Tensor): Tensor {
  return concrete(x);
}
