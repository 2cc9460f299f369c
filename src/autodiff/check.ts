import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantFunction } from '../tensor/options.ts';
import { createRandom } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { difference } from './checkPrimitive.ts';
import { jvp } from './forward.ts';
import { vjp } from './reverse.ts';
import { derivatives } from './taylor.ts';

/** What `checkDerivatives` found. */
export interface DerivativeCheck {
  /** Whether every comparison is within the tolerance. */
  readonly ok: boolean;
  /** One line for each comparison: what, the largest error relative to the largest value, whether it is within. */
  readonly comparisons: readonly { readonly what: string; readonly error: number; readonly ok: boolean }[];
}

const valuesOf = (x: Tensor) => contiguous(x).data;

function along(x: Tensor, direction: Tensor, step: number): Tensor {
  const data = Float64Array.from(valuesOf(x), (value, i) => value + step * direction.data[i]);
  return fromData(data, x.shape);
}

/**
 * d/dt g(t) at 0 by central differences, Richardson-extrapolated from steps h, h/2, h/4, h/8: error about 1e-10 for
 * smooth g.
 */
function slope(g: (t: number) => ArrayLike<number>): Float64Array {
  const first = 0.02;
  let rows = [0, 1, 2, 3].map((i) => {
    const h = first / 2 ** i;
    const [above, below] = [g(h), g(-h)];
    return Float64Array.from(above, (value, k) => (value - below[k]) / (2 * h));
  });
  for (let power = 4; rows.length > 1; power *= 4) {
    rows = rows.slice(1).map((row, i) => row.map((value, k) => (power * value - rows[i][k]) / (power - 1)));
  }
  return rows[0];
}

/** What `checkDerivatives` checks, and how strictly. */
export interface CheckOptions {
  /** The highest derivative that is checked: 3 unless given. */
  readonly order?: number | undefined;
  /** What is allowed of each error relative to the largest value: 1e-6 unless given. */
  readonly tolerance?: number | undefined;
  /** Of the random direction. */
  readonly seed?: number | undefined;
}

/**
 * Holds the modes of differentiation against each other and against finite differences, along a random direction: jvp and
 * each order of `derivatives` against differences of the order below, and vjp against jvp. For smooth functions of float64
 * tensors; a kink within 0.02 of x fails it rightly.
 * @throws InputError for an order that is not a whole number ≥ 1.
 * @example
 * checkDerivatives((x) => exp(x), tensor([0, 1])).ok // true
 */
export function checkDerivatives(
  f: (x: Tensor) => Tensor,
  x: TensorLike,
  options?: CheckOptions,
): DerivativeCheck {
  const action = 'check derivatives';
  wantFunction(f, 'f', action);
  checkOptions(options, { order: 'number', tolerance: 'number', seed: 'number' }, action);
  const { order = 3, tolerance = 1e-6, seed = 0 } = options ?? {};
  if (!Number.isInteger(order) || order < 1) {
    throw new InputError(`Cannot check derivatives: the order must be a whole number ≥ 1, got ${order}`);
  }
  const point = castTo(contiguous(toTensor(x, action)), 'float64');
  const random = createRandom(seed);
  const normal = (shape: readonly number[]) =>
    fromData(
      Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
      shape,
    );
  const direction = normal(point.shape);
  const comparisons: { what: string; error: number; ok: boolean }[] = [];
  const compare = (what: string, got: ArrayLike<number>, wanted: ArrayLike<number>) => {
    const error = difference(got, wanted);
    comparisons.push({ what, error, ok: error <= tolerance });
  };
  const exact = derivatives(f, point, { direction, order });
  const { y, dy } = jvp(f, point, direction);
  compare(
    'jvp against differences of f',
    valuesOf(dy),
    slope((t) => valuesOf(f(along(point, direction, t)))),
  );
  for (let k = 1; k <= order; k++) {
    const below = (t: number) =>
      valuesOf(derivatives(f, along(point, direction, t), { direction, order: k - 1 })[k - 1]);
    compare(`derivative ${k} against differences of derivative ${k - 1}`, valuesOf(exact[k]), slope(below));
  }
  const cotangent = normal(y.shape);
  const pulled = valuesOf(vjp(f, point).pullback(cotangent));
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0);
  compare('vjp against jvp', [dot(pulled, valuesOf(direction))], [dot(valuesOf(cotangent), valuesOf(dy))]);
  return { ok: comparisons.every((each) => each.ok), comparisons };
}
