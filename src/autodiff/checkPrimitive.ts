import { createRandom } from '../tensor/random.ts';
import { stackRows } from '../tensor/rows.ts';
import { sameShape } from '../tensor/shape.ts';
import { fromData, type Tensor, tensor } from '../tensor/tensor.ts';
import { completeRow, type PrimitiveRow } from './definePrimitive.ts';
import { jvp } from './forward.ts';
import { mul, reshape, sum } from './operations.ts';
import type { Primitive, Sample } from './primitive.ts';
import { alignOperands } from './primitives/operand.ts';
import { grad, vjp } from './reverse.ts';
import { createShapeRun } from './shapes.ts';
import { derivatives } from './taylor.ts';
import { apply } from './trace.ts';

/** One comparison of two ways to get the same numbers. */
export interface RowError {
  readonly what: string;
  /** The largest difference relative to the largest value. */
  readonly error: number;
  readonly allowed: number;
}

type Values = ArrayLike<number>;

function dot(a: Values, b: Values): number {
  return Array.from(a).reduce((total, value, i) => total + value * b[i], 0);
}

/** Largest difference relative to the largest value; infinite for NaN or other sizes. */
export function difference(a: Values, b: Values): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let scale = 1;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    scale = Math.max(scale, Math.abs(b[i]));
    const error = Math.abs(a[i] - b[i]);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst / scale;
}

/** A sample's inputs as a row gets them: of equal rank where they are broadcast. */
function inputsOf(row: Primitive, { inputs }: Sample): Tensor[] {
  const tensors = inputs.map((values) => tensor(values));
  return row.shape === undefined ? alignOperands(tensors, `check ${row.name}`) : tensors;
}

/** Allowed error of a value, relative to it: two units of the last place and a little. */
const VALUE_ERROR = 5e-16;

/** The first entry of a row's output at a sample that is not the true one, in words; each is compared by itself. */
export function wrongValue(row: Primitive, sample: Sample): string | undefined {
  if (sample.output === undefined) return undefined;
  const wanted = tensor(sample.output);
  const got = apply(row, inputsOf(row, sample), sample.attributes);
  if (!sameShape(got.shape, wanted.shape)) return `shape [${got.shape}], true [${wanted.shape}]`;
  for (let i = 0; i < wanted.data.length; i++) {
    const error = Math.abs(got.data[i] - wanted.data[i]);
    const isRight = error <= VALUE_ERROR * Math.abs(wanted.data[i]);
    if (!isRight) return `entry ${i} is ${got.data[i]}, true ${wanted.data[i]}`;
  }
  return undefined;
}

/** What differences are taken of: its own values, or those of the function whose derivatives it has. */
function differentiated(row: Primitive, xs: readonly Tensor[], attributes: unknown): Tensor {
  const other = row.kind === 'selection' ? row.straightThrough?.(xs, attributes) : undefined;
  return other ?? apply(row, xs, attributes);
}

/** Every mode of a row at one sample, in one of its inputs, held against another mode or against differences. */
export function checkRow(row: Primitive, sample: Sample, which: number): RowError[] {
  const random = createRandom(7, which);
  const like = (x: Tensor) =>
    fromData(
      Float64Array.from(x.data, () => random.normal()),
      x.shape,
    );
  const inputs = inputsOf(row, sample);
  const x = inputs[which];
  const f = (varying: Tensor) =>
    apply(
      row,
      inputs.map((input, i) => (i === which ? varying : input)),
      sample.attributes,
    );
  const dx = like(x);
  const { y, dy } = jvp(f, x, dx);
  const g = like(y);
  const { pullback } = vjp(f, x);
  const pulled = pullback(g);
  const scored = (varying: Tensor) => sum(mul(g, f(varying)));

  const step = 1e-5;
  const at = (t: number) => {
    const moved = x.data.map((value, i) => value + t * dx.data[i]);
    const given = inputs.map((input, i) => (i === which ? fromData(moved, x.shape) : input));
    return differentiated(row, given, sample.attributes).data;
  };
  const differences = Array.from(at(step), (above, i) => (above - at(-step)[i]) / (2 * step));
  const jets = derivatives(f, x, { direction: dx, order: 3 });
  const first = (p: Tensor) => jvp(f, p, dx).dy;
  const second = (p: Tensor) => jvp(first, p, dx).dy;
  const third = jvp(second, x, dx).dy;
  const forwardOverReverse = jvp(grad(scored), x, dx).dy;
  const jetOfGradient = derivatives(grad(scored), x, { direction: dx, order: 2 });
  const reverseOverReverse = grad((p: Tensor) => sum(mul(grad(scored)(p), dx)))(x);
  const lanes = (a: Tensor, b: Tensor) => stackRows([a, b].map((each) => reshape(each, [1, ...each.shape])));
  const size = dy.data.length;
  const laned = jvp(f, x, lanes(like(x), dx)).dy;
  const pulledLanes = pullback(lanes(like(y), g));

  const exact = 1e-9;
  const compare = (what: string, a: Values, b: Values, allowed = exact) => ({
    what,
    error: difference(a, b),
    allowed,
  });
  return [
    compare('jet of order 0 and the value', derivatives(f, x, { order: 0 })[0].data, y.data),
    compare('jvp and differences', dy.data, differences, 1e-5),
    compare('vjp and jvp', [dot(pulled.data, dx.data)], [dot(g.data, dy.data)]),
    compare('jet 1 and jvp', jets[1].data, dy.data),
    compare('jet 2 and jvp of jvp', jets[2].data, second(x).data),
    compare('jet 3 and jvp of jvp of jvp', jets[3].data, third.data),
    compare('forward over reverse and a jet of the gradient', forwardOverReverse.data, jetOfGradient[1].data),
    compare(
      'forward over reverse and reverse over reverse',
      forwardOverReverse.data,
      reverseOverReverse.data,
    ),
    compare(
      'a jet of the gradient and nested jvp',
      [dot(jetOfGradient[2].data, dx.data)],
      [dot(g.data, third.data)],
    ),
    compare('lanes of jvp', laned.data.subarray(size), dy.data),
    compare('lanes of vjp', pulledLanes.data.subarray(pulled.data.length), pulled.data),
  ];
}

function checkValues(row: Primitive, sample: Sample, number: number): RowError {
  const wrong = wrongValue(row, sample);
  return wrong === undefined
    ? { what: `sample ${number}: its values`, error: 0, allowed: 0 }
    : { what: `sample ${number}: ${wrong}`, error: Number.POSITIVE_INFINITY, allowed: 0 };
}

/** Whether the row tells the shape of its output without values, as it is run to look at a function's shapes. */
function checkRowShape(row: Primitive, { inputs, attributes }: Sample): RowError {
  const run = createShapeRun();
  const values = inputsOf(row, { inputs, attributes });
  const shapes = values.map((x) => run.input(x.shape));
  const isSame = sameShape(apply(row, shapes, attributes).shape, apply(row, values, attributes).shape);
  return { what: 'shape without values', error: isSame ? 0 : Number.POSITIVE_INFINITY, allowed: 0 };
}

/** What `checkPrimitive` found. */
export interface PrimitiveCheck {
  /** Whether every comparison is within what is allowed. */
  readonly ok: boolean;
  /** Those that are not are the ones to look at: they say which two modes differ, at which sample. */
  readonly comparisons: readonly (RowError & { readonly ok: boolean })[];
}

/**
 * Checks a primitive at its samples: its values against their `output`, and in each of its inputs forward mode against differences, and reverse mode, jets up to order 3,
 * forward over reverse, reverse over reverse, jets of gradients, lanes and the shape without values against one another.
 * Samples must stand clear of kinks.
 * @throws InputError when the row lacks something that its kind needs, or a rule does not give a tensor.
 * @example
 * const row = {
 *   name: 'cube',
 *   kind: 'elementwise',
 *   forward: ([x]) => mapEntries(x, (value) => value ** 3),
 *   derivatives: [([x]) => mul(3, mul(x, x))],
 *   samples: [{ inputs: [[-1, 0, 2]], attributes: undefined }],
 *   source: 'd x³ = 3 x² dx',
 * } satisfies PrimitiveRow;
 * checkPrimitive(row).ok // true
 * checkPrimitive({ ...row, derivatives: [([x]) => mul(x, x)] }).ok // false
 */
export function checkPrimitive<A>(row: PrimitiveRow<A>): PrimitiveCheck {
  const primitive = completeRow(row) as Primitive;
  const comparisons = primitive.samples.flatMap((sample, number) => [
    checkValues(primitive, sample, number),
    ...sample.inputs.flatMap((_, which) =>
      sample.valuesOnly
        ? []
        : checkRow(primitive, sample, which).map(({ what, ...rest }) => ({
            what: `sample ${number}, input ${which}: ${what}`,
            ...rest,
          })),
    ),
    checkRowShape(primitive, sample),
  ]);
  const judged = comparisons.map((each) => ({ ...each, ok: each.error <= each.allowed }));
  return { ok: judged.every((each) => each.ok), comparisons: judged };
}
