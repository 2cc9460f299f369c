import { withSlabs } from '../tensor/arrays.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantFunction } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { factorial } from './coefficients.ts';
import { mul, onesLike, zerosLike } from './operations.ts';
import { wantTensor } from './outputs.ts';
import type { Series } from './primitive.ts';
import { seriesOf, upTo } from './propagate.ts';
import { owned } from './trace.ts';

/**
 * Taylor coefficients of f along the path x(t) = Σ c[k] t^k: returns those of f(x(t)), one for each given.
 * Coefficients are c[k] = f^(k)/k!; `derivatives` gives f^(k).
 * Cost: about order² / 2 evaluations of f.
 * @throws InputError without coefficients, or when they differ in shape.
 * Source: Griewank and Walther 2008, chapter 13.
 * @example
 * jet((x) => exp(x), [tensor(0), tensor(1), tensor(0)]) // 1, 1, 1/2
 */
export function jet(f: (x: Tensor) => Tensor, coefficients: readonly TensorLike[]): Tensor[] {
  const action = 'take a jet';
  wantFunction(f, 'f', action);
  if (!Array.isArray(coefficients) || coefficients.length === 0) {
    throw new InputError(
      `Cannot ${action}: give the coefficients as a list, at least the point itself, [c0, c1, …]; got ${describe(coefficients)}`,
    );
  }
  return filledSeries(
    f,
    coefficients.map((c) => toTensor(c, action)),
    action,
  );
}

/** seriesOf with zeros where a coefficient is zero by structure. @throws InputError when coefficients differ in shape. */
function filledSeries(f: (x: Tensor) => Tensor, coefficients: Series, action: string): Tensor[] {
  const { shape } = coefficients[0] as Tensor;
  for (const c of coefficients) {
    if (c !== undefined && !sameShape(c.shape, shape)) {
      throw new InputError(
        `Cannot ${action}: all coefficients must have the shape of the first, ${formatShape(shape)}; got ${formatShape(c.shape)}`,
      );
    }
  }
  const series = withSlabs(() => seriesOf((x) => wantTensor(f(x), action), coefficients));
  return series.map((c) => owned(c ?? zerosLike(series[0] as Tensor)));
}

/** Along what `derivatives` are taken, and how many. */
export interface DerivativesOptions {
  /** What x moves along: 1 in every entry unless given. */
  readonly direction?: TensorLike | undefined;
  /** The highest derivative: 1 unless given. */
  readonly order?: number | undefined;
}

/**
 * f and its derivatives along a direction: [y, y′, y″, …], y^(k) = dᵏ/dtᵏ f(x + t·direction) at t = 0.
 * The direction is 1 in every entry unless given; order 1 unless given.
 * @throws InputError for an order that is not a whole number ≥ 0, or a direction of another shape than x.
 * @example
 * derivatives((x) => exp(x), tensor(0), { order: 3 }) // 1, 1, 1, 1
 */
export function derivatives(f: (x: Tensor) => Tensor, x: TensorLike, options?: DerivativesOptions): Tensor[] {
  const action = 'take derivatives';
  wantFunction(f, 'f', action);
  checkOptions(options, { direction: 'any', order: 'number' }, action);
  const { direction, order = 1 } = options ?? {};
  if (!Number.isInteger(order) || order < 0) {
    throw new InputError(`Cannot take derivatives: the order must be a whole number ≥ 0, got ${order}`);
  }
  const point = toTensor(x, action);
  const along = direction === undefined ? onesLike(point) : toTensor(direction, action);
  // Higher coefficients of a line are zero by structure: 0 · ∞ would be NaN.
  const line = [point, along, ...upTo(order - 1, () => undefined)].slice(0, order + 1);
  return filledSeries(f, line, action).map((c, k) => (k < 2 ? c : mul(c, factorial(k))));
}
