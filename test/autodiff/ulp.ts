/** The ledger of errors: how far each elementwise function is from the truth, in units of the last place. */
import { readFileSync, writeFileSync } from 'node:fs';
import { jvp } from '../../src/autodiff/forward.ts';
import * as op from '../../src/autodiff/operations.ts';
import { seriesOf } from '../../src/autodiff/propagate.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { layers } from '../../src/layers/index.ts';
import type { Attributes } from '../../src/layers/types.ts';
import { fromData, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { fixture } from '../support/check.ts';

const LEDGER = fixture('ulp/ledger.json');

type Unary = (x: Tensor) => Tensor;

/** Orders held against the truth: coefficients c0 … c6, derivatives d1 … d3 by nesting. */
const ORDERS = 6;
const NESTED = 3;
/** Smaller results are of terms that are subnormal: gradual underflow, left out. */
const SMALLEST = 2 ** -1010;

function layer(name: string, attributes: Attributes = {}, ...rest: Tensor[]): Unary {
  const context = { opset: 21, types: [], outputs: 1, precision: 'float64' } as const;
  return (x) => layers[name].evaluate([x, ...rest], attributes, context) as Tensor;
}

const powers = [-65, -64, -7, -3, -2, -0.75, -0.5, 0.5, 1.5, 2.5, 2, 3, 5, 10, 64, 65];
const exponents = [-2, 0, 0.5, 1, 1.5, 2, 3, 10];

/** Every function of the ledger, under its name in the references. */
export const ledgerFunctions: Readonly<Record<string, Unary>> = {
  exp: op.exp,
  expm1: op.expm1,
  log: op.log,
  log1p: op.log1p,
  sigmoid: op.sigmoid,
  softplus: op.softplus,
  tanh: op.tanh,
  sinh: op.sinh,
  cosh: op.cosh,
  sin: op.sin,
  cos: op.cos,
  tan: op.tan,
  atan: op.atan,
  asin: op.asin,
  acos: op.acos,
  atanh: op.atanh,
  asinh: op.asinh,
  acosh: op.acosh,
  erf: op.erf,
  erfc: op.erfc,
  sqrt: op.sqrt,
  reciprocal: op.reciprocal,
  square: op.square,
  'x|x|': (x) => op.mul(x, op.abs(x)),
  '1/(1 − x)': (x) => op.div(1, op.sub(1, x)),
  'x^x': (x) => op.pow(x, x),
  'pow(2, x)': (x) => op.pow(2, x),
  'pow(0.3, x)': (x) => op.pow(0.3, x),
  gelu: layer('Gelu'),
  'gelu (tanh)': layer('Gelu', { approximate: 'tanh' }),
  silu: layer('Swish'),
  'swish 1.5': layer('Swish', { alpha: 1.5 }),
  mish: layer('Mish'),
  softsign: layer('Softsign'),
  elu: layer('Elu'),
  'elu 0.7': layer('Elu', { alpha: 0.7 }),
  'celu 1.5': layer('Celu', { alpha: 1.5 }),
  selu: layer('Selu'),
  hardSigmoid: layer('HardSigmoid'),
  hardSwish: layer('HardSwish'),
  relu: op.relu,
  'leakyRelu 0.1': layer('LeakyRelu', { alpha: 0.1 }),
  'prelu 0.3': layer('PRelu', {}, tensor([0.3])),
  abs: op.abs,
  clip: (x) => op.clip(x, -1, 2),
  threshold: (x) => op.threshold(x, 1),
  shrink: layer('Shrink', { lambd: 0.5, bias: 0.25 }),
  neg: op.neg,
  'power 1/3': (x) => op.power(x, 1 / 3),
  ...Object.fromEntries(powers.map((a) => [`power ${a}`, (x: Tensor) => op.power(x, a)])),
  ...Object.fromEntries(exponents.map((a) => [`pow(x, ${a})`, (x: Tensor) => op.pow(x, a)])),
};

interface Reference {
  readonly points: Float64Array;
  /** The nearest doubles of c0 … c7 at each point, and what is missing from them in 1/254 of the last place. */
  readonly high: Float64Array;
  readonly low: Int8Array;
}

export function readReferences(): Map<string, Reference> {
  const text = readFileSync(fixture('ulp/references.json'), 'utf8');
  const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
  return new Map(
    Object.entries(JSON.parse(text) as Record<string, Record<keyof Reference, string>>).map(
      ([name, { points, high, low }]) => [
        name,
        {
          points: new Float64Array(bytes(points)),
          high: new Float64Array(bytes(high)),
          low: new Int8Array(bytes(low)),
        },
      ],
    ),
  );
}

/** One row of the ledger: worst errors in ULP, and the worst of all beyond what the point itself is to blame for. */
export interface LedgerRow {
  /** By order, c0 … c6. */
  readonly coefficients: readonly number[];
  /** The worst of d1 … d3 by grad and by jvp. */
  readonly nested: number;
  /** The worst error over 1 ULP + what half an ulp of x does to the true value. */
  readonly beyond: number;
  readonly where: string;
}

/** The distance from |x| to the next double. */
function lastPlace(x: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(x));
  const exponent = bits.getUint16(0) >> 4;
  return exponent <= 53 ? 2 ** Math.max(exponent - 1075, -1074) : 2 ** (exponent - 1075);
}

const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));

/** A value held against the truth: k! c_k, in ULP. Undefined where the truth is subnormal or past overflow. */
function compare(
  got: number,
  { high, low }: Reference,
  { point, order, times, x }: { point: number; order: number; times: number; x: number },
): { ulps: number; beyond: number } | undefined {
  const at = point * (ORDERS + 2);
  const truth = high[at + order] * times;
  for (let k = 0; k < order; k++) if (!Number.isFinite(high[at + k])) return undefined;
  if (!Number.isFinite(truth)) return undefined;
  if (Number.isNaN(got)) return { ulps: Number.POSITIVE_INFINITY, beyond: Number.POSITIVE_INFINITY };
  const missing = (low[at + order] / 254) * lastPlace(high[at + order]) * times;
  const error = Math.abs(got - truth - missing);
  if (error === 0) return { ulps: 0, beyond: 0 };
  // What half an ulp of x does to the true value.
  const next = Math.abs(high[at + order + 1]);
  const owed = Number.isFinite(next) ? (next * (order + 1) * times * lastPlace(x)) / 2 : 0;
  if (truth !== 0 && Math.abs(truth) < SMALLEST) return { ulps: 0, beyond: error / (SMALLEST + owed) };
  // At a zero of the derivative no digit is known.
  if (Math.abs(truth) < owed) return { ulps: 0, beyond: error / owed };
  return { ulps: error / lastPlace(truth), beyond: error / (lastPlace(truth) + owed) };
}

/** f^(1) … f^(3) at every point by nesting one mode. */
function nestedDerivatives(f: Unary, x: Tensor, mode: 'grad' | 'jvp'): Tensor[] {
  const derive = (g: Unary): Unary =>
    mode === 'grad' ? (p) => grad((q: Tensor) => op.sum(g(q)))(p) : (p) => jvp(g, p, op.onesLike(x)).dy;
  const out: Tensor[] = [];
  let g = f;
  for (let k = 1; k <= NESTED; k++) {
    g = derive(g);
    out.push(g(x));
  }
  return out;
}

/** The errors of one function at all its points. */
export function measure(f: Unary, reference: Reference): LedgerRow {
  const x = fromData(reference.points, [reference.points.length]);
  const coefficients = new Array<number>(ORDERS + 1).fill(0);
  let nested = 0;
  let worst = { beyond: 0, where: '' };
  const visit = (values: Tensor | undefined, order: number, label: string, times: number) => {
    let largest = 0;
    reference.points.forEach((value, point) => {
      const got = values?.data[point] ?? 0;
      const errors = compare(got, reference, { point, order, times, x: value });
      if (errors === undefined) return;
      largest = Math.max(largest, errors.ulps);
      if (errors.beyond > worst.beyond) {
        const wanted = reference.high[point * (ORDERS + 2) + order] * times;
        worst = { beyond: errors.beyond, where: `${label} at ${value}: ${got}, true ${wanted}` };
      }
    });
    return largest;
  };
  const ones = op.onesLike(x);
  const series = seriesOf(f, [x, ones, ...new Array<undefined>(ORDERS - 1).fill(undefined)]);
  for (let k = 0; k <= ORDERS; k++) coefficients[k] = visit(series[k], k, `c${k}`, 1);
  for (const mode of ['grad', 'jvp'] as const) {
    nestedDerivatives(f, x, mode).forEach((values, i) => {
      nested = Math.max(nested, visit(values, i + 1, `d${i + 1} by ${mode}`, factorial(i + 1)));
    });
  }
  return { coefficients, nested, ...worst };
}

export type Ledger = Readonly<Record<string, LedgerRow>>;

export function readLedger(): Ledger {
  return JSON.parse(readFileSync(LEDGER, 'utf8')) as Ledger;
}

/** Errors to two digits, upwards: the last digits are nobody's business. */
function rounded(error: number): number {
  if (error === 0 || !Number.isFinite(error)) return error;
  const step = 10 ** (Math.floor(Math.log10(error)) - 1);
  return Number((Math.ceil(error / step - 1e-9) * step).toPrecision(2));
}

export function measureAll(): Ledger {
  const rows: Record<string, LedgerRow> = {};
  for (const [name, reference] of readReferences()) {
    const { coefficients, nested, beyond, where } = measure(ledgerFunctions[name], reference);
    rows[name] = {
      coefficients: coefficients.map(rounded),
      nested: rounded(nested),
      beyond: rounded(beyond),
      where,
    };
  }
  return rows;
}

/** Writes one line for each function. */
export function writeLedger(ledger: Ledger): void {
  const lines = Object.entries(ledger).map(
    ([name, row]) => `  ${JSON.stringify(name)}: ${JSON.stringify(row)}`,
  );
  writeFileSync(LEDGER, `{\n${lines.join(',\n')}\n}\n`);
}

/** The errors of a row that are larger in one ledger than in another: `c3 12 > 9.8`. */
export function larger(one: LedgerRow, other: LedgerRow): string[] {
  const errors = (row: LedgerRow) => [...row.coefficients, row.nested, row.beyond];
  const allowed = errors(other);
  return errors(one).flatMap((error, i) => {
    const label = i <= ORDERS ? `c${i}` : i === ORDERS + 1 ? 'nested' : 'beyond';
    return error <= allowed[i] ? [] : [`${label} ${error} > ${allowed[i]}`];
  });
}
