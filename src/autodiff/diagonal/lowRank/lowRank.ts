import { broadcastEntries } from '../../../tensor/kernels/reference/map.ts';
import { broadcastShapes, type Shape, sameShape, sizeOf } from '../../../tensor/shape.ts';
import { contiguous, fromData } from '../../../tensor/tensor.ts';
import { multiple, product, productAt, total } from './vectors.ts';

/** The same vector in every lane, times a number of each lane's own. */
interface Term {
  readonly scales: Float64Array;
  readonly vector: Float64Array;
}

/** One entry of each lane. */
export interface Own {
  readonly at: Int32Array;
  readonly values: Float64Array;
}

/**
 * Lanes that differ in one entry and in the sizes of a few shared vectors: x[lane, p] = own[lane] · (p = at[lane]) + Σ scales[lane] ·
 * vector[p]. It is what an entry becomes behind a normalisation: its own place, the mean's share and the deviation's.
 */
export interface LowRank {
  readonly lanes: number;
  /** Without lanes. */
  readonly shape: Shape;
  readonly own?: Own | undefined;
  readonly terms: readonly Term[];
}

export function denseOf({ lanes, shape, own, terms }: LowRank): Float64Array {
  const size = sizeOf(shape);
  const out = new Float64Array(lanes * size);
  for (const { scales, vector } of terms) {
    for (let lane = 0, base = 0; lane < lanes; lane++, base += size) {
      const scale = scales[lane];
      if (scale !== 0) for (let p = 0; p < size; p++) out[base + p] += scale * vector[p];
    }
  }
  if (own !== undefined)
    for (let lane = 0; lane < lanes; lane++) out[lane * size + own.at[lane]] += own.values[lane];
  return out;
}

/** In a shape of one entry all is one number a lane. */
export function fold(x: LowRank): LowRank {
  const isFolded = x.own === undefined && x.terms.length === 1 && x.terms[0].vector[0] === 1;
  if (sizeOf(x.shape) !== 1 || isFolded) return x;
  return { lanes: x.lanes, shape: x.shape, terms: [{ scales: denseOf(x), vector: Float64Array.of(1) }] };
}

/** Each vector by `map`, the own entries by `own`. */
export function mapped(
  x: LowRank,
  shape: Shape,
  { vector, own }: { vector(v: Float64Array): Float64Array; own: Own | undefined },
): LowRank {
  return {
    lanes: x.lanes,
    shape,
    own,
    terms: x.terms.map((term) => ({ scales: term.scales, vector: vector(term.vector) })),
  };
}

/** Times a tensor without lanes. */
export function timesPlain(x: LowRank, values: Float64Array, shape: Shape): LowRank | undefined {
  const out = broadcastShapes([x.shape, shape], 'multiply');
  const widens = !sameShape(out, x.shape);
  if (widens && sizeOf(x.shape) !== 1) return undefined;
  const factor = sameShape(out, shape)
    ? values
    : (contiguous(broadcastEntries(fromData(values, shape), out)).data as Float64Array);
  const { own } = x;
  return mapped(x, out, {
    vector: (v) => (widens ? multiple(factor, v[0]) : product(v, factor)),
    own: own && { at: own.at, values: productAt(own.values, factor, own.at) },
  });
}

/** Times one number a lane. */
function timesScales(x: LowRank, scales: Float64Array): LowRank {
  return {
    ...x,
    own: x.own && { at: x.own.at, values: product(x.own.values, scales) },
    terms: x.terms.map((term) => ({
      vector: term.vector,
      scales: product(term.scales, scales),
    })),
  };
}

const samePlaces = (a: Int32Array, b: Int32Array): boolean =>
  a === b || a.every((at, lane) => at === b[lane]);

export function times(x: LowRank, y: LowRank): LowRank | undefined {
  if (sizeOf(y.shape) === 1) return timesScales(x, (fold(y).terms[0] as Term).scales);
  if (sizeOf(x.shape) === 1) return times(y, x);
  if (!sameShape(x.shape, y.shape)) return undefined;
  if (x.own && y.own && !samePlaces(x.own.at, y.own.at)) return undefined;
  const terms = x.terms.flatMap((a) =>
    y.terms.map((b) => ({
      scales: product(a.scales, b.scales),
      vector: product(a.vector, b.vector),
    })),
  );
  const at = x.own?.at ?? y.own?.at;
  if (at === undefined) return { lanes: x.lanes, shape: x.shape, terms };
  // (o + s)(o′ + s′) = s s′ elsewhere; at the lane's own entry there are o o′ + o s′ + s o′ beside.
  const values = x.own && y.own ? product(x.own.values, y.own.values) : new Float64Array(x.lanes);
  for (const [own, { terms: others }] of [
    [x.own, y],
    [y.own, x],
  ] as const) {
    if (own === undefined) continue;
    for (const { scales, vector } of others) {
      for (let lane = 0; lane < values.length; lane++) {
        values[lane] += own.values[lane] * scales[lane] * vector[own.at[lane]];
      }
    }
  }
  return { lanes: x.lanes, shape: x.shape, own: { at, values }, terms };
}

/** One number a lane as the same number everywhere. */
export function spreadTo(x: LowRank, shape: Shape): LowRank | undefined {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(x.shape) !== 1) return sizeOf(x.shape) === sizeOf(shape) ? { ...x, shape } : undefined;
  const size = sizeOf(shape);
  return mapped(fold(x), shape, { vector: (v) => new Float64Array(size).fill(v[0]), own: undefined });
}

export function plus(x: LowRank, y: LowRank, sign: 1 | -1): LowRank | undefined {
  const shape = broadcastShapes([x.shape, y.shape], 'add');
  const [a, b] = [spreadTo(x, shape), spreadTo(y, shape)];
  if (a === undefined || b === undefined) return undefined;
  if (a.own && b.own && !samePlaces(a.own.at, b.own.at)) return undefined;
  const at = a.own?.at ?? b.own?.at;
  const values = new Float64Array(a.lanes);
  for (let lane = 0; lane < values.length; lane++) {
    values[lane] = (a.own?.values[lane] ?? 0) + sign * (b.own?.values[lane] ?? 0);
  }
  const others = b.terms.map((term) => ({
    ...term,
    scales: sign === 1 ? term.scales : multiple(term.scales, -1),
  }));
  return { lanes: a.lanes, shape, own: at && { at, values }, terms: joined([...a.terms, ...others]) };
}

/** Terms of one vector as one. */
function joined(terms: readonly Term[]): Term[] {
  const byVector: Term[] = [];
  for (const term of terms) {
    const i = byVector.findIndex(({ vector }) => vector === term.vector || isSame(vector, term.vector));
    if (i < 0) byVector.push(term);
    else byVector[i] = { ...term, scales: total(byVector[i].scales, term.scales) };
  }
  return byVector;
}

const isSame = (a: Float64Array, b: Float64Array): boolean => {
  for (let p = 0; p < a.length; p++) if (a[p] !== b[p]) return false;
  return true;
};

/** out[lane] += factor · Σ_p b[p] · x[lane, p]. */
export function addLowRankProducts(
  out: Float64Array,
  b: ArrayLike<number>,
  x: LowRank,
  factor: number,
): void {
  for (const { scales, vector } of x.terms) {
    let sum = 0;
    for (let p = 0; p < vector.length; p++) if (b[p] !== 0) sum += b[p] * vector[p];
    for (let lane = 0; lane < out.length; lane++) out[lane] += factor * scales[lane] * sum;
  }
  if (x.own === undefined) return;
  for (let lane = 0; lane < out.length; lane++) {
    const weight = b[x.own.at[lane]];
    if (weight !== 0) out[lane] += factor * weight * x.own.values[lane];
  }
}
