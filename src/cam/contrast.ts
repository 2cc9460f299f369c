import { sub, takeAt } from '../autodiff/operations.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** One class against another: z_of − z_against, the logarithm of the odds between the two, stands where z_c does of one class. */
export interface Contrast {
  readonly of: number;
  readonly against: number;
}

/** What may be explained: a class, by its index, or one against another. */
export type ClassWanted = number | Contrast;

/** A class by its index, or as its label names it. */
export type ClassName = number | string;

/** A class, or one against another, as they may be asked for. */
export type ClassAsked = ClassName | { readonly of: ClassName; readonly against: ClassName };

/** Classes, or one against another; or so many of the most probable ones of the image. */
export type ClassChoice<C extends ClassAsked = ClassAsked> = readonly C[] | { readonly top: number };

/** A class, and the one that it is held against, where there is one. */
export interface ClassPair {
  readonly classIndex: number;
  readonly against?: number | undefined;
}

/** @throws InputError for a class that is no index, and for one against itself. */
export function pairOf(wanted: ClassWanted, count: number, action: string): ClassPair {
  const check = (index: number) => {
    if (Number.isInteger(index) && index >= 0 && index < count) return index;
    throw new InputError(`Cannot ${action} class ${index}: the model has ${count} classes, 0 … ${count - 1}`);
  };
  if (typeof wanted === 'number') return { classIndex: check(wanted) };
  checkOptions(
    wanted,
    { of: ['number', 'text'], against: ['number', 'text'] },
    `${action} one class against another`,
  );
  const { of, against } = wanted;
  if (of !== against) return { classIndex: check(of), against: check(against) };
  throw new InputError(
    `Cannot ${action} class ${of} against itself: the difference is 0; give another class`,
  );
}

/** z_c as a differentiable function of the logits z [m]; z_c − z_against where a class is held against another. */
export function logitOf(z: Tensor, { classIndex, against }: ClassPair): Tensor {
  const count = sizeOf(z.shape);
  const { classIndex: own, against: other } = pairOf(
    against === undefined ? classIndex : { of: classIndex, against },
    count,
    'score',
  );
  const at = (index: number) => takeAt(z, Int32Array.of(index), []);
  return other === undefined ? at(own) : sub(at(own), at(other));
}
