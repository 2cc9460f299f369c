import { InputError } from './errors.ts';

/** What printing reads of a tensor. */
interface Values {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
  readonly dtype: string;
}

/** Entries of one axis that are printed before the rest is cut. */
const MOST_PRINTED = 8;

/** The values as nested arrays in text, long axes cut: `[[1, 2], [3, 4]]`. */
function nestedText({ data, shape, stride, offset }: Values): string {
  const text = (axis: number, index: number): string => {
    if (axis === shape.length) return String(data[index]);
    const shown = Math.min(shape[axis], MOST_PRINTED);
    const parts = Array.from({ length: shown }, (_, i) => text(axis + 1, index + i * stride[axis]));
    if (shown < shape[axis]) parts.push('…');
    return `[${parts.join(', ')}]`;
  };
  return text(0, offset);
}

/** The values in row-major order. */
function flat({ data, shape, stride, offset }: Values): number[] {
  let at = [offset];
  shape.forEach((length, axis) => {
    at = at.flatMap((index) => Array.from({ length }, (_, i) => index + i * stride[axis]));
  });
  return at.map((index) => data[index]);
}

/** A tensor in one line: `Tensor float64 [2, 2] [[1, 2], [3, 4]]`. */
export function printTensor(x: Values): string {
  return `Tensor ${x.dtype} [${x.shape.join(', ')}] ${nestedText(x)}`;
}

/** What console.log of Node, Deno and Bun calls. */
const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * How tensors print, and what they say where a number is wanted. A class, since objects that share methods in another way are
 * several times as slow to make.
 */
export abstract class Printed {
  toString(): string {
    return printTensor(this.printed());
  }

  /** `tensor(data, shape, dtype)` reads it back. */
  toJSON(): { dtype: string; shape: readonly number[]; data: number[] } {
    const x = this.printed();
    return { dtype: x.dtype, shape: [...x.shape], data: flat(x) };
  }

  /** What is printed for this. */
  protected printed(): Values {
    return this as unknown as Values;
  }

  [inspect](): string {
    return this.toString();
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString();
    throw new InputError(
      'Cannot calculate with a tensor by +, −, *, / or <: use add, sub, mul, div or less, such as mul(x, y); item(x) gives the number of a tensor of one entry',
    );
  }
}
