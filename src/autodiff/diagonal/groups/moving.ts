import { sizeOf } from '../../../tensor/shape.ts';
import { fromData, full, type Tensor } from '../../../tensor/tensor.ts';
import { type Coefficient, minus, plus } from '../../coefficients.ts';
import { div, mul, neg, reshape, sum } from '../../operations.ts';
import type { Series } from '../../primitive.ts';
import { fusedRow } from '../fuse.ts';

/** A vector that the entries of a group share, and how much of it each entry makes: scales[k] is the coefficient of order k ≥ 1. */
export interface Shared {
  readonly scales: Series;
  readonly vector: Tensor;
}

/**
 * A node with a number x_p for each entry p, along every entry i at once, all as [groups, members] or as what is broadcast to it: in i's
 * group x_p + Σ scales_i · vector_p, and own_i beside at p = i; x_p in all other groups. Order 0 is the value, all else begins at order 1.
 */
export interface Each {
  readonly kind: 'each';
  readonly value: Tensor;
  readonly own: Series;
  readonly shared: readonly Shared[];
}

/** A node with one number for each group: its Taylor coefficients along each entry of the group, order 0 as [groups, 1]. */
export interface OfGroup {
  readonly kind: 'group';
  readonly series: Series;
  /** Where it is a function of such a number: that number, and the function's coefficients as [groups, 1]. */
  readonly inner?: OfGroup;
  readonly outer?: Series;
}

export type Moving = Each | OfGroup;

export const one = full([1, 1], 1);

/** x y; what is 1 for all is not multiplied by. */
function by(x: Tensor, y: Tensor): Tensor {
  if (x === one) return y;
  return y === one ? x : mul(x, y);
}

const lengthOf = (series: Series): number => series.length - 1;

/** Coefficients 1 … order by a rule. */
const seriesBy = (order: number, rule: (k: number) => Coefficient): Series => [
  undefined,
  ...Array.from({ length: order }, (_, i) => rule(i + 1)),
];

/** Coefficient k of a product of two series. */
function convolved(a: Series, b: Series, k: number): Coefficient {
  let sum: Coefficient;
  for (let j = 0; j <= k; j++) {
    const [x, y] = [a[j], b[k - j]];
    if (x !== undefined && y !== undefined) sum = plus(sum, by(x, y));
  }
  return sum;
}

/** The coefficients of a product of two series, from order 1 on. */
const product = (a: Series, b: Series): Series => seriesBy(lengthOf(a), (k) => convolved(a, b, k));

const total = (a: Series, b: Series): Series => seriesBy(lengthOf(a), (k) => plus(a[k], b[k]));

const eachTimes = (a: Series, factor: Tensor): Series => a.map((c) => c && by(c, factor));

const upwards = (a: Series): Series => [undefined, ...a.slice(1)];

/** Σ over the members of each group, of which a vector without members of its own has as many of the same. */
function totalOf(vector: Tensor, members: number): Tensor {
  return vector.shape[1] === 1 ? mul(vector, members) : sum(vector, [1], { keepDimensions: true });
}

/** What all shared vectors together are at each entry's own place. */
function sharedAt({ shared, own }: Each): Series {
  return shared.reduce(
    (sum, { scales, vector }) => total(sum, eachTimes(scales, vector)),
    seriesBy(lengthOf(own), () => undefined),
  );
}

/** Σ weights · x over the members of each group, from order 1 on. */
export function weighted(x: Each, weights: Tensor, members: number): Series {
  return x.shared.reduce(
    (sum, { scales, vector }) => total(sum, eachTimes(scales, totalOf(by(vector, weights), members))),
    eachTimes(x.own, weights),
  );
}

/** x ∘ factor, a factor for each entry. */
export function scaleEach(x: Each, factor: Tensor, value: Tensor): Each {
  return {
    kind: 'each',
    value,
    own: eachTimes(x.own, factor),
    shared: x.shared.map(({ scales, vector }) => ({ scales, vector: by(vector, factor) })),
  };
}

/** Terms of one vector as one. */
function joined(terms: readonly Shared[]): Shared[] {
  const byVector = new Map<Tensor, Shared>();
  for (const term of terms) {
    const before = byVector.get(term.vector);
    byVector.set(term.vector, before ? { ...term, scales: total(before.scales, term.scales) } : term);
  }
  return [...byVector.values()];
}

const negated = (series: Series): Series => seriesBy(lengthOf(series), (k) => minus(undefined, series[k]));

/** x ± y, where a number of the group is the same for all its members. */
export function addEach(x: Moving, y: Moving, { sign, value }: { sign: 1 | -1; value: Tensor }): Each {
  const [a, b] = [x, y].map((side, i) => {
    const turned = (series: Series) => (i === 1 && sign === -1 ? negated(series) : upwards(series));
    if (side.kind === 'group') {
      return {
        own: side.series.map(() => undefined),
        shared: [{ scales: turned(side.series), vector: one }],
      };
    }
    const shared = side.shared.map(({ scales, vector }) => ({ scales: turned(scales), vector }));
    return { own: turned(side.own), shared };
  });
  return { kind: 'each', value, own: total(a.own, b.own), shared: joined([...a.shared, ...b.shared]) };
}

/** x times a number of its group: (x + h)(r + ρ) = x r + x ρ + h (r + ρ). */
export function timesGroup(x: Each, { series }: OfGroup, value: Tensor): Each {
  const moved = x.shared.map(({ scales, vector }) => ({ scales: product(scales, series), vector }));
  return {
    kind: 'each',
    value,
    own: product(x.own, series),
    shared: joined([...moved, { scales: upwards(series), vector: x.value }]),
  };
}

/** A function of a number of the group, by its coefficients there; along the entries only when that is asked for. */
export function bendGroup(inner: OfGroup, outer: Series): OfGroup {
  let series: Series | undefined;
  return {
    kind: 'group',
    inner,
    outer,
    get series() {
      const [value] = outer;
      const attributes = { coefficients: outer };
      series ??= fusedRow.taylor([inner.series], value as Tensor, lengthOf(outer), attributes);
      return series;
    },
  };
}

/** q = 1/x: q_k = −q_0 Σ_{j=1..k} x_j q_{k−j}. */
function inverseOf([value, ...changes]: Series): Series {
  const first = div(one, value as Tensor);
  const turned = neg(first);
  const inverse: Coefficient[] = [first];
  for (let k = 1; k <= changes.length; k++) {
    const sum = convolved([undefined, ...changes], inverse, k);
    inverse.push(sum && mul(sum, turned));
  }
  return inverse;
}

/** 1/x of a number of the group. */
export function reciprocalOf(x: OfGroup): OfGroup {
  if (x.inner !== undefined && x.outer !== undefined) return bendGroup(x.inner, inverseOf(x.outer));
  return { kind: 'group', series: inverseOf(x.series) };
}

/** x y, entry by entry: with the changes h and h′ it is x h′ + y h + h h′ more. */
export function timesEach(x: Each, y: Each, value: Tensor): Each {
  const linear = [
    ...y.shared.map(({ scales, vector }) => ({ scales, vector: by(vector, x.value) })),
    ...x.shared.map(({ scales, vector }) => ({ scales, vector: by(vector, y.value) })),
  ];
  const crossed = x.shared.flatMap((a) =>
    y.shared.map((b) => ({ scales: product(a.scales, b.scales), vector: by(a.vector, b.vector) })),
  );
  const [hereX, hereY] = [sharedAt(x), sharedAt(y)];
  const own = [
    eachTimes(y.own, x.value),
    eachTimes(x.own, y.value),
    product(x.own, y.own),
    product(x.own, hereY),
    product(hereX, y.own),
  ].reduce(total);
  return { kind: 'each', value, own, shared: [...linear, ...crossed] };
}

interface Power extends Shared {
  /** Which of the vectors are multiplied, by their index, in order. */
  readonly of: readonly number[];
}

/** The products of one vector more, those of the same vectors as one. */
function raised(powers: readonly Power[], shared: readonly Shared[]): Power[] {
  const found = new Map<string, Power>();
  for (const power of powers) {
    for (const [j, { scales, vector }] of shared.entries()) {
      const of = [...power.of, j].sort((a, b) => a - b);
      const own = product(power.scales, scales);
      const before = found.get(of.join());
      found.set(
        of.join(),
        before
          ? { ...before, scales: total(before.scales, own) }
          : { of, scales: own, vector: by(power.vector, vector) },
      );
    }
  }
  return [...found.values()];
}

/** φ(x + h) = φ(x) + Σ c_m hᵐ: hᵐ is made of products of the shared vectors, and at the own place of (own + shared)ᵐ − sharedᵐ beside. */
export function bendEach(x: Each, coefficients: Series, value: Tensor): Each {
  const here = sharedAt(x);
  const whole = total(x.own, here);
  let powers: Power[] = x.shared.map((term, j) => ({ ...term, of: [j] }));
  let [own, elsewhere] = [x.own, here];
  let sumOfOwn: Series = seriesBy(lengthOf(x.own), () => undefined);
  let shared: Shared[] = [];
  for (let m = 1; m <= lengthOf(x.own); m++) {
    const c = coefficients[m];
    if (c !== undefined) {
      sumOfOwn = total(sumOfOwn, eachTimes(own, c));
      shared = [...shared, ...powers.map(({ scales, vector }) => ({ scales, vector: by(vector, c) }))];
    }
    if (coefficients.slice(m + 1).every((higher) => higher === undefined)) break;
    own = total(product(own, whole), product(elsewhere, x.own));
    elsewhere = product(elsewhere, here);
    powers = raised(powers, x.shared);
  }
  return { kind: 'each', value, own: sumOfOwn, shared };
}

/** Σ of x over the members of each group. */
export function sumOfGroup({ own, shared }: Each, value: Tensor, members: number): OfGroup {
  const [, ...higher] = shared.reduce(
    (sum, { scales, vector }) => total(sum, eachTimes(scales, totalOf(vector, members))),
    own,
  );
  return { kind: 'group', series: [value, ...higher] };
}

/** A tensor of one number alone as that number. */
export function narrowed(x: Tensor): Tensor {
  const { data } = x;
  for (let p = 1; p < data.length; p++) if (data[p] !== data[0]) return x;
  return sizeOf(x.shape) <= 1 ? reshape(x, [1, 1]) : fromData(Float64Array.of(data[0]), [1, 1]);
}
