import { withSlabs } from '../tensor/arrays.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantFunction } from '../tensor/options.ts';
import { formatShape, sameShape } from '../tensor/shape.ts';
import { type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { mul, onesLike, zerosLike } from './operations.ts';
import { wantTensor } from './outputs.ts';
import type { LinearMap, Primitive, Series } from './primitive.ts';
import { plus } from './series.ts';
import { apply, concrete, type Level, nextLevelId, owned, type Traced, traced, tracedAt } from './trace.ts';

/** A linear primitive on one coefficient of each input; undefined where all are zero by structure. */
export function applyLinear(
  map: LinearMap,
  xs: readonly (Tensor | undefined)[],
  like: readonly Tensor[],
): Tensor | undefined {
  if (xs.every((x) => x === undefined)) return undefined;
  const filled = xs.map((x, i) => x ?? zerosLike(like[i]));
  return apply(map.primitive, filled, map.attributes);
}

/** Coefficients 1 … order of a primitive's output, y being its coefficient 0. `map` is a selection's frozen choice. */
export function pushSeries(
  primitive: Exclude<Primitive, { kind: 'constant' }>,
  xs: readonly Series[],
  { y, order, attributes, map }: { y: Tensor; order: number; attributes: unknown; map?: () => LinearMap },
): Series {
  if (order === 0) return [y];
  switch (primitive.kind) {
    case 'elementwise':
      return primitive.taylor(xs, y, order, attributes);
    case 'bilinear': {
      const [a, b] = xs;
      return [
        y,
        ...upTo(order, (k) => {
          let total: Tensor | undefined;
          for (let j = 0; j <= k; j++) {
            const [left, right] = [a[j], b[k - j]];
            if (left === undefined || right === undefined) continue;
            total = plus(total, apply(primitive, [left, right], attributes));
          }
          return total;
        }),
      ];
    }
    default: {
      const first = xs.map((x) => x[0] as Tensor);
      const linear =
        primitive.kind === 'linear'
          ? { primitive, attributes }
          : (map?.() ?? primitive.select(first.map(concrete), attributes));
      return [
        y,
        ...upTo(order, (k) =>
          applyLinear(
            linear,
            xs.map((x) => x[k]),
            first,
          ),
        ),
      ];
    }
  }
}

function upTo<T>(order: number, f: (k: number) => T): T[] {
  return Array.from({ length: order }, (_, i) => f(i + 1));
}

/** f along the line with these coefficients: the coefficients of its value, up to the same order. */
export function seriesOf(f: (x: Tensor) => Tensor, coefficients: Series): Series {
  const order = coefficients.length - 1;
  const level: Level<Series> = {
    id: nextLevelId(),
    apply(primitive, inputs, attributes) {
      const xs = inputs.map((x) => tracedAt(x, level)?.payload ?? constantSeries(x));
      const y = apply(
        primitive,
        xs.map((series) => series[0] as Tensor),
        attributes,
      );
      const kept = primitive as Exclude<Primitive, { kind: 'constant' }>;
      return wrap(pushSeries(kept, xs, { y, order, attributes }));
    },
  };
  const constantSeries = (x: Tensor): Series => [x, ...new Array<undefined>(order).fill(undefined)];
  const wrap = (series: Series): Traced<Series> => traced(level, series[0] as Tensor, series);
  const y = f(wrap(coefficients));
  return tracedAt(y, level)?.payload ?? constantSeries(y);
}

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
  let factorial = 1;
  return filledSeries(f, line, action).map((c, k) => {
    factorial *= Math.max(k, 1);
    return k < 2 ? c : mul(c, factorial);
  });
}
