import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { mapEntries as mapValues } from '../tensor/kernels/reference/map.ts';
import { wantFunction, wantRecord } from '../tensor/options.ts';
import { full, type Tensor, toTensor } from '../tensor/tensor.ts';
import { plus } from './coefficients.ts';
import { mul } from './operations.ts';
import type { Bilinear, Constant, Elementwise, Linear, Primitive, Selection, Series } from './primitive.ts';
import { lift, type Operand } from './primitives/lift.ts';
import { alignOperands } from './primitives/operand.ts';
import { seriesOf } from './propagate.ts';
import { integrate } from './series.ts';
import { apply } from './trace.ts';

/** A smooth function of corresponding entries; `taylor` is derived from the derivatives where it is left out. */
export type ElementwiseRow<A = unknown> = Omit<Elementwise<A>, 'taylor'> &
  Partial<Pick<Elementwise<A>, 'taylor'>>;

/** What has to be said of a primitive, by kind; all modes of differentiation are derived from it. */
export type PrimitiveRow<A = unknown> =
  | Linear<A>
  | Bilinear<A>
  | ElementwiseRow<A>
  | Selection<A>
  | Constant<A>;

/** x(t) = Σ c[k] tᵏ. */
function along(t: Tensor, coefficients: Series): Tensor {
  let x: Tensor | undefined;
  for (let k = coefficients.length - 1; k >= 0; k--) x = plus(coefficients[k], x && mul(t, x));
  return x as Tensor;
}

/** k y_k = Σ_i Σ_j j x_i,j d_i,k−j, d_i the jet of ∂y/∂x_i along x(t) and y(t), which needs y up to k − 1 only. */
function fromDerivatives<A>(derivatives: Elementwise<A>['derivatives']): Elementwise<A>['taylor'] {
  return (xs, y, order, attributes) => {
    const out: (Tensor | undefined)[] = [y];
    for (let k = 1; k <= order; k++) {
      const line = [full([], 0, y.dtype), full([], 1, y.dtype), ...new Array<undefined>(order)].slice(0, k);
      let total: Tensor | undefined;
      xs.forEach((x, i) => {
        const slope = (t: Tensor) =>
          derivatives[i](
            xs.map((each) => along(t, each.slice(0, k))),
            along(t, out),
            attributes,
          );
        total = plus(total, integrate(x, seriesOf(slope, line), k));
      });
      out.push(total);
    }
    return out;
  };
}

/** The functions that a row of each kind has to have. */
const needed = {
  linear: ['forward', 'transpose'],
  bilinear: ['forward', 'transposeLeft', 'transposeRight'],
  elementwise: ['forward'],
  selection: ['forward', 'select', 'kinks'],
  constant: ['forward'],
} as const satisfies Readonly<Record<Primitive['kind'], readonly string[]>>;

function checkRowFields(row: unknown, action: string): void {
  wantRecord(row, 'the row', action);
  const { name, kind, samples, source, derivatives } = row as Partial<Elementwise>;
  if (typeof name !== 'string' || name === '' || typeof source !== 'string') {
    throw new InputError(
      `Cannot ${action}: it needs a name and a source, as texts, got ${describe(name)} and ${describe(source)}`,
    );
  }
  if (typeof kind !== 'string' || !Object.hasOwn(needed, kind)) {
    throw new InputError(
      `Cannot ${action} ${name}: its kind must be ${Object.keys(needed).join(', ')}, got ${describe(kind)}`,
    );
  }
  for (const each of needed[kind as Primitive['kind']]) {
    wantFunction((row as Record<string, unknown>)[each], `${each} of the ${kind} row ${name}`, action);
  }
  const isList = Array.isArray(samples) && samples.length > 0;
  if (!isList || !samples.every((sample) => Array.isArray((sample as { inputs?: unknown } | null)?.inputs))) {
    throw new InputError(
      `Cannot ${action} ${name}: samples must be a list of { inputs, attributes }, at least one, got ${describe(samples)}`,
    );
  }
  const fits = Array.isArray(derivatives) && derivatives.every((each) => typeof each === 'function');
  const each = samples[0].inputs.length;
  if (kind === 'elementwise' && !(fits && derivatives.length === each)) {
    throw new InputError(
      `Cannot ${action} ${name}: derivatives must hold a function for each of its ${each} inputs, got ${describe(derivatives)}`,
    );
  }
}

/** A rule that says so where it does not give a tensor. */
function checked<F extends (...args: never[]) => Tensor>(rule: F, what: string): F {
  return ((...args: Parameters<F>) => toTensor(rule(...args), `use what ${what} gives`)) as F;
}

/** A recurrence that gives as many coefficients as are asked for: those that it leaves out are zero. */
function wholeSeries<A>(taylor: Elementwise<A>['taylor']): Elementwise<A>['taylor'] {
  return (xs, y, order, attributes) => {
    const series = taylor(xs, y, order, attributes);
    return Array.from({ length: order + 1 }, (_, k) => (k === 0 ? y : series[k]));
  };
}

/** The row of a primitive with all that is derived. @throws InputError when it lacks something that its kind needs. */
export function completeRow<A>(row: PrimitiveRow<A>): Primitive<A> {
  checkRowFields(row, 'define a primitive');
  const named = (rule: string) => `${rule} of ${row.name}`;
  const forward = checked(row.forward.bind(row), named('forward'));
  switch (row.kind) {
    case 'linear':
      return { ...row, forward, transpose: checked(row.transpose.bind(row), named('transpose')) };
    case 'bilinear':
      return {
        ...row,
        forward,
        transposeLeft: checked(row.transposeLeft.bind(row), named('transposeLeft')),
        transposeRight: checked(row.transposeRight.bind(row), named('transposeRight')),
      };
    case 'elementwise': {
      const derivatives = row.derivatives.map((rule, i) => checked(rule, named(`derivatives[${i}]`)));
      const taylor = row.taylor?.bind(row) ?? fromDerivatives(derivatives);
      return { ...row, forward, derivatives, taylor: wholeSeries(taylor) };
    }
    default:
      return { ...row, forward };
  }
}

/**
 * An operation of one's own, that every transformation knows how to differentiate, to any order and nested: one row says what
 * cannot be derived, and the compiler asks for what its kind needs.
 *
 * | kind | the row says | derived |
 * |---|---|---|
 * | linear | forward, transpose | jvp = forward(dx), vjp = transpose, Taylor coefficient by coefficient |
 * | bilinear | forward, a transpose for each side | the product rule |
 * | elementwise | forward, ∂y/∂x_i given (x, y) | jvp, vjp; Taylor from the derivatives unless there is a recurrence |
 * | selection | forward, the linear map that the choice is | all modes by that map, frozen |
 * | constant | forward | zero in all modes |
 *
 * Rules are built of differentiable operations, so that they can be differentiated again; `forward` gets plain tensors, row-major,
 * and computes values (see `mapEntries`). Inputs may come with extra *leading* axes, which are carried along, so attributes
 * count axes from the end. Inputs are broadcast unless the row has a `shape`. `checkPrimitive` verifies all modes.
 * @returns The operation, of its inputs and its attributes.
 * @throws InputError when the row lacks something that its kind needs.
 * @example
 * const cubeOf = definePrimitive({
 *   name: 'cube',
 *   kind: 'elementwise',
 *   forward: ([x]) => mapEntries(x, (value) => value ** 3),
 *   derivatives: [([x]) => mul(3, mul(x, x))],
 *   samples: [{ inputs: [[-1, 0, 2]], attributes: undefined }],
 *   source: 'd x³ = 3 x² dx',
 * });
 * const cube = (x: Tensor) => cubeOf([x]);
 * cube(tensor([1, 2])) // [1, 8]
 * derivatives(cube, 2, { order: 3 }) // [8, 12, 12, 6]
 * hessian((x) => sum(cube(x)))([1, 2]) // [[6, 0], [0, 12]]
 */
export function definePrimitive<A = undefined>(
  row: PrimitiveRow<A>,
): (
  inputs: readonly Operand[],
  ...attributes: undefined extends A ? [attributes?: A] : [attributes: A]
) => Tensor {
  const primitive = completeRow(row);
  const action = `apply ${row.name}`;
  const count = row.samples[0].inputs.length;
  return (inputs, ...[attributes]) => {
    if (!Array.isArray(inputs) || (inputs.length !== count && row.shape === undefined)) {
      throw new InputError(
        `Cannot ${action}: a list of ${count} inputs is wanted, got ${Array.isArray(inputs) ? `one of ${inputs.length}` : describe(inputs)}`,
      );
    }
    const aligned =
      row.shape === undefined ? alignOperands(inputs, action) : inputs.map((x) => lift(x, action));
    return apply(primitive, aligned, attributes as A);
  };
}

/**
 * f of every number of a tensor of plain values: what `forward` of an elementwise primitive is made of. It has no derivative.
 * @throws InputError for a tensor that is being differentiated: its values stand for a whole family.
 * @example
 * mapEntries(tensor([1, 4, 9]), Math.sqrt) // [1, 2, 3]
 */
export function mapEntries(x: Operand, f: (value: number) => number): Tensor {
  wantFunction(f, 'f', 'map entries');
  return mapValues(lift(x, 'map entries'), (value) => f(value));
}
