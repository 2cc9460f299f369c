import { checkOptions, wantFunction } from '../tensor/options.ts';
import type { Tensor, TensorLike } from '../tensor/tensor.ts';
import { outputs } from './outputs.ts';
import type { Level } from './trace.ts';
import { owned, primalAt } from './trace.ts';
import { replaceTensors, type Tree } from './trees.ts';

/** What may be differentiated by: a tensor or a tree of tensors. */
export type Input = Tree | TensorLike;

/** What a transformed function takes for x: where f takes a tensor, numbers and nested arrays serve as well. */
export type PointOf<X> = X extends Tensor ? TensorLike : X;

/** What is like x: a tensor, or a tree of the same kind. */
export type LikeInput<X> = number extends X ? Tensor : X;

/** f returns [y, aux]: only y is differentiated, and aux is handed on with its tensors as they are. */
export interface HasAux {
  readonly hasAux: true;
}

/** A function with its further arguments, whose auxiliary output is set aside. */
export interface Prepared {
  (x: unknown): unknown;
  /** What was set aside by the last call, with the values of its tensors below `level`. */
  aux(level: Level | undefined): { aux?: unknown };
}

/** f(x, …rest) as a function of x alone. @throws InputError where f is no function or gives no pair though it has to. */
export function prepare(
  f: unknown,
  { rest = [], options, action }: { rest?: readonly unknown[]; options: unknown; action: string },
): Prepared {
  wantFunction(f, 'f', action);
  checkOptions(options, { hasAux: 'boolean' }, action);
  const hasAux = (options as Partial<HasAux> | undefined)?.hasAux === true;
  let kept: unknown;
  const call = (x: unknown): unknown => {
    const out: unknown = (f as (...args: unknown[]) => unknown)(x, ...rest);
    if (!hasAux) return out;
    const [y, aux] = outputs(out, action);
    kept = aux;
    return y;
  };
  return Object.assign(call, {
    aux: (level: Level | undefined) =>
      hasAux ? { aux: replaceTensors(kept, (x) => owned(level ? primalAt(x, level) : x)) } : {},
  });
}
