import { ownArray } from '../tensor/arrays.ts';
import { InputError } from '../tensor/errors.ts';
import { Printed, printTensor } from '../tensor/printed.ts';
import type { Shape } from '../tensor/shape.ts';
import { type DType, type Tensor, type TensorLike, toTensor, withData } from '../tensor/tensor.ts';
import type { Primitive } from './primitive.ts';

/**
 * One running transformation. Levels are numbered in the order they start: where tensors of several levels meet, the
 * youngest handles the operation and treats the others as constants (no perturbation confusion).
 */
export interface Level<P = unknown> {
  readonly id: number;
  /** Whether it follows shapes alone, so that no derivative is taken through it. */
  readonly shapesOnly?: true;
  apply(primitive: Primitive, inputs: readonly Tensor[], attributes: unknown): Traced<P>;
}

/** A tensor inside a transformation: `primal` is its value one level down, `payload` what the transformation knows of it. */
export interface Traced<P = unknown> extends Tensor {
  readonly level: Level<P>;
  readonly primal: Tensor;
  readonly payload: P;
}

let started = 0;

/** The id of a new level, larger than every earlier one. */
export function nextLevelId(): number {
  started += 1;
  return started;
}

export function isTraced(x: Tensor): x is Traced {
  return x instanceof TracedTensor;
}

export function levelOf(x: Tensor): Level | undefined {
  return isTraced(x) ? x.level : undefined;
}

/** A tensor that stands for a whole family of values: it has their shape and dtype, and its data cannot be read. */
class TracedTensor<P> extends Printed implements Traced<P> {
  readonly level: Level<P>;
  readonly primal: Tensor;
  readonly payload: P;
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset: number;
  readonly dtype: DType;

  constructor(level: Level<P>, primal: Tensor, payload: P) {
    super();
    this.level = level;
    this.primal = primal;
    this.payload = payload;
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

  protected override printed(): Tensor {
    return concrete(this);
  }

  override toString(): string {
    return `${printTensor(this.printed())} (being differentiated)`;
  }
}

/** A traced tensor: shape and dtype of its value, data that cannot be read. */
export function traced<P>(level: Level<P>, primal: Tensor, payload: P): Traced<P> {
  return new TracedTensor(level, primal, payload);
}

/** x as traced at `level`; undefined where x is a constant for that level. */
export function tracedAt<P>(x: Tensor, level: Level<P>): Traced<P> | undefined {
  return isTraced(x) && x.level === level ? (x as Traced<P>) : undefined;
}

/** Whether a derivative is being taken with respect to something that x depends on. */
export function isDifferentiated(x: Tensor): boolean {
  for (let value = x; isTraced(value); value = value.primal) if (value.level.shapesOnly !== true) return true;
  return false;
}

/** The value one level down, at `level`; x itself where x is a constant for that level. */
export function primalAt(x: Tensor, level: Level): Tensor {
  return tracedAt(x, level)?.primal ?? x;
}

/** The plain tensor underneath all levels. */
export function concrete(x: Tensor): Tensor {
  let value = x;
  while (isTraced(value)) value = value.primal;
  return value;
}

/** x as a transformation may give it away: plain values in memory of their own. */
export function owned(x: Tensor): Tensor {
  if (isTraced(x)) return x;
  const data = ownArray(x.data);
  return data === x.data ? x : withData(x, data);
}

/** The attributes of a primitive that has none, one object for all. */
export const noAttributes = Object.freeze({});

/** Runs a primitive: on plain tensors its kernel, else by the rule of the youngest level among the inputs. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  let youngest: Level | undefined;
  for (let i = 0; i < inputs.length; i++) {
    const level = levelOf(inputs[i]);
    if (level !== undefined && (youngest === undefined || level.id > youngest.id)) youngest = level;
  }
  if (youngest === undefined) return primitive.forward(inputs, attributes);
  if (primitive.kind === 'constant' && youngest.shapesOnly !== true)
    return primitive.forward(inputs.map(concrete), attributes);
  return youngest.apply(primitive as Primitive, inputs, attributes);
}

/**
 * x as a constant: its value, and zero derivative in every mode.
 * @example
 * grad((x) => mul(x, stopGradient(x)))(3) // 3
 */
export function stopGradient(x: TensorLike): Tensor {
  return concrete(toTensor(x, 'stop the gradient'));
}
