import type { Tensor } from '../tensor/tensor.ts';
import { plus } from './coefficients.ts';
import type { LinearMap, Primitive, Series } from './primitive.ts';
import { zerosLike } from './primitives/shaping.ts';
import { apply, concrete, type Level, nextLevelId, type Traced, traced, tracedAt } from './trace.ts';

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

export function upTo<T>(order: number, f: (k: number) => T): T[] {
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
