import { number } from '../../../layers/layer.ts';
import { pointwiseKinds } from '../../../tensor/kernels/wasm/kernels.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { sameShape, sizeOf } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';
import { boundsOf } from './bounds.ts';
import { arranged, type Lower, type Lowered, type LoweringContext, placed, placeMask } from './lowering.ts';
import { type Nest, nestOf } from './nest.ts';
import { type DeviceValue, newValue, orderOf, padded, usualOrder } from './values.ts';
import { expanded } from './views.ts';
import { dataOf } from './weights.ts';

type Kind = (typeof pointwiseKinds)[number];

interface Pointwise {
  readonly kind: Kind;
  /** What has the shape of the output. */
  readonly a: DeviceValue;
  /** The other operand: a value, whose axes of length 1 are repeated, or the address of a row for all. */
  readonly b?: DeviceValue | number | undefined;
  readonly alpha?: number;
  readonly beta?: number;
  readonly low?: number;
  readonly high?: number;
}

const CHUNK_FLOATS = 32768;

/** Operands whose strands go together, and the loops over them. */
interface Operands {
  readonly a: DeviceValue;
  readonly b: DeviceValue | undefined;
  readonly nest: Nest;
}

/** The other operand beside `a`: along a's strand its entries are neighbours, too, or all one. */
function beside(context: LoweringContext, a: DeviceValue, b: DeviceValue): DeviceValue | undefined {
  const more = a.shape.length - b.shape.length;
  const strand = a.strand - more;
  const isAlong =
    strand < 0 || b.shape[strand] === 1 || b.strand === strand || (b.strides[strand] ?? 0) === 0;
  const order = orderOf(a).flatMap((axis) => (axis < more ? [] : [axis - more]));
  return expanded(isAlong ? b : arranged(context, b, order), a.shape);
}

function operandsOf(context: LoweringContext, { a: given, b }: Pointwise): Operands | undefined {
  const isVector = given.strand >= 0 || given.shape.length === 0;
  let a = isVector ? given : arranged(context, given, usualOrder(given.shape));
  const other = typeof b === 'object' ? beside(context, a, b) : undefined;
  if (typeof b === 'object' && other === undefined) return undefined;
  for (const last of [false, true]) {
    const axes = orderOf(a).filter((axis) => axis !== a.strand);
    const nest = nestOf(a.shape, axes, [a.strides, other?.strides ?? a.shape.map(() => 0)]);
    if (nest !== undefined) return { a, b: other, nest };
    // More loops than a kernel has: where a lies evenly they are fewer.
    if (!last) a = arranged(context, a, orderOf(a));
  }
  return undefined;
}

/** One kernel over all entries of `a`. */
export function pointwise(context: LoweringContext, p: Pointwise): Lowered | undefined {
  const { epilogue, residual, weights } = context;
  const operands = residual === undefined ? operandsOf(context, p) : undefined;
  if (operands === undefined) return undefined;
  const { a, b, nest } = operands;
  const { lengths, steps } = nest;
  const output = newValue(context.shape, orderOf(a));
  const length = a.shape[a.strand] ?? 1;
  const channels = padded(length);
  const rows = sizeOf(lengths);
  const block = Math.max(1, Math.floor(CHUNK_FLOATS / channels));
  const isNumber = b !== undefined && (a.strand < 0 || b.strides[a.strand] === 0) && length > 1;
  const parameters = {
    kind: pointwiseKinds.indexOf(p.kind),
    low: p.low ?? epilogue.low,
    high: p.high ?? epilogue.high,
    alpha: p.alpha ?? 0,
    beta: p.beta ?? 0,
    ...{ n1: lengths[1], n2: lengths[2], n3: lengths[3] },
    ...{ a0: steps[0][0], a1: steps[0][1], a2: steps[0][2], a3: steps[0][3] },
    ...{ b0: steps[1][0], b1: steps[1][1], b2: steps[1][2], b3: steps[1][3] },
    bStrand: isNumber ? 0 : 1,
    ...{ rows, channels, block },
    mask: placeMask(weights, length),
    outputRowBytes: channels * 4,
  };
  return {
    output,
    operations: [
      {
        reads: [a.buffer, ...(b ? [b.buffer] : [])],
        writes: [output.buffer],
        work: 2 * rows * channels,
        steps: (at) => [
          step('pointwise', Math.ceil(rows / block), {
            ...parameters,
            a: at(a.buffer),
            b: b ? at(b.buffer) : typeof p.b === 'number' ? p.b : 0,
            output: at(output.buffer),
          }),
        ],
      },
    ],
  };
}

/** Values of a constant for each entry of x's strand: it holds one number, or one for each. */
function perStrand(constant: Tensor, x: DeviceValue): Float64Array | undefined {
  const size = sizeOf(constant.shape);
  const length = x.shape[x.strand] ?? 1;
  if (size === 1) return new Float64Array(length).fill(dataOf(constant)[0]);
  const axis = x.strand - (x.shape.length - constant.shape.length);
  return constant.shape[axis] === length && size === length ? Float64Array.from(dataOf(constant)) : undefined;
}

/** x · factor + shift for each entry of a strand. */
export function affine(
  context: LoweringContext,
  x: DeviceValue,
  { factors, shifts }: { factors: ArrayLike<number>; shifts: ArrayLike<number> },
): Lowered | undefined {
  const channels = padded(factors.length);
  // A strand may be the batch, of which there are several sizes.
  const key = `${context.node.outputs[0]} affine ${x.strand} ${factors.length}`;
  const b = context.weights.place(key, 2 * channels, (out) => {
    out.set(factors);
    out.set(shifts, channels);
  });
  return pointwise(context, { kind: 'affine', a: x, b });
}

/** Sums and products with constants along the strand; undefined for other operations and constants. */
function withConstant(
  context: LoweringContext,
  { kind, x, constant }: { kind: Kind; x: DeviceValue; constant: Tensor },
): Lowered | undefined {
  const values = perStrand(constant, x);
  if (values === undefined) return undefined;
  const all = (value: number) => new Float64Array(values.length).fill(value);
  if (kind === 'multiply') return affine(context, x, { factors: values, shifts: all(0) });
  if (kind === 'add') return affine(context, x, { factors: all(1), shifts: values });
  if (kind === 'subtract') return affine(context, x, { factors: all(1), shifts: values.map((v) => -v) });
  return kind === 'subtractFrom' ? affine(context, x, { factors: all(-1), shifts: values }) : undefined;
}

/** `turned` is the operation with its operands exchanged. */
function binary(kind: Kind, turned: Kind = kind): Lower {
  return (context) => {
    const { shape } = context;
    const values = [context.value(0), context.value(1)];
    // What is repeated stands second.
    const first = values.findIndex((x) => x !== undefined && sameShape(x.shape, shape));
    const at = first < 0 ? values.findIndex((x) => x !== undefined) : first;
    const x = values[at];
    if (x === undefined) return undefined;
    const use = at === 0 ? kind : turned;
    const wide = first < 0 ? expanded(x, shape) : x;
    if (wide === undefined) return undefined;
    const a = first < 0 ? arranged(context, wide, usualOrder(shape)) : wide;
    const constant = context.constant(1 - at);
    const simple = constant && withConstant(context, { kind: use, x: a, constant });
    if (simple !== undefined) return simple;
    const b = values[1 - at] ?? (constant && placedBeside(context, constant, a));
    return b && pointwise(context, { kind: use, a, b });
  };
}

/** A constant with its axes in the order in which a's lie. */
function placedBeside(context: LoweringContext, constant: Tensor, a: DeviceValue): DeviceValue {
  const more = a.shape.length - constant.shape.length;
  const order = orderOf(a).flatMap((axis) => (axis < more ? [] : [axis - more]));
  return placed(context, { constant, name: 'operand', order });
}

function unary(kind: Kind, parameters: (context: LoweringContext) => Partial<Pointwise> = () => ({})): Lower {
  return (context) => {
    const a = context.value(0);
    return a && pointwise(context, { kind, a, ...parameters(context) });
  };
}

const alpha =
  (fallback: number) =>
  ({ node }: LoweringContext) => ({ alpha: number(node.attributes, 'alpha', fallback) });

const lowerClamp: Lower = (context) => {
  const a = context.value(0);
  const bounds = boundsOf(context.node, context.constant);
  return a && bounds && pointwise(context, { kind: 'clamp', a, ...bounds });
};

/** Operators with one input, by what they do; the parameters of some are attributes. */
const exactGelu: Lower = (context) =>
  (context.node.attributes.approximate ?? 'none') === 'none' ? unary('gelu')(context) : undefined;

/** The slope of a leaky unit may differ from channel to channel. */
const slopes =
  (kind: Kind): Lower =>
  (context) => {
    const a = context.value(0);
    const constant = context.constant(1);
    const b = context.value(1) ?? (a && constant && placedBeside(context, constant, a));
    return a && b && sameShape(a.shape, context.shape) ? pointwise(context, { kind, a, b }) : undefined;
  };

/** The height of a step, and between which steps stairs lie. */
const stairs = ({ node: { attributes } }: LoweringContext) => ({
  alpha: number(attributes, 'scale', 1),
  low: number(attributes, 'low', 0),
  high: number(attributes, 'high', 0),
});

/** What a product takes of each entry before it stores it: a function that is 0 at 0, as in the channels that pad it. */
export interface Activation {
  readonly kind: number;
  readonly alpha: number;
}

export function activationOf({ op, attributes }: GraphNode): Activation | undefined {
  const numbered = (kind: Kind, alpha: number) => ({ kind: pointwiseKinds.indexOf(kind), alpha });
  if (op === 'Swish') return numbered('silu', number(attributes, 'alpha', 1));
  return op === 'Gelu' && (attributes.approximate ?? 'none') === 'none' ? numbered('gelu', 0) : undefined;
}

export const pointwiseOperators: Readonly<Record<string, Lower>> = {
  Add: binary('add'),
  Mul: binary('multiply'),
  Sub: binary('subtract', 'subtractFrom'),
  Div: binary('divide', 'divideInto'),
  Relu: lowerClamp,
  Clip: lowerClamp,
  LeakyRelu: unary('leaky', alpha(0.01)),
  PRelu: slopes('leakyBy'),
  HardSigmoid: unary('hardSigmoid', ({ node }) => ({
    alpha: number(node.attributes, 'alpha', 0.2),
    beta: number(node.attributes, 'beta', 0.5),
  })),
  HardSwish: unary('hardSwish', () => ({ alpha: 1 / 6, beta: 0.5 })),
  Sigmoid: unary('sigmoid'),
  Swish: unary('silu', alpha(1)),
  Gelu: exactGelu,
  Erf: unary('erf'),
  Tanh: unary('tanh'),
  Elu: unary('elu', alpha(1)),
  Stairs: unary('stairs', stairs),
  Exp: unary('exp'),
  Sqrt: unary('sqrt'),
};

/** A cotangent, the first input, behind a function of the second. */
const gate =
  (kind: Kind, parameters: (context: LoweringContext) => Partial<Pointwise> = alpha(1)): Lower =>
  (context) => {
    const [a, b] = [context.value(0), context.value(1)];
    if (a === undefined || b === undefined || !sameShape(a.shape, b.shape)) return undefined;
    return pointwise(context, { kind, a, b, ...parameters(context) });
  };

/** How cotangents pass functions of one entry. */
export const gates: Readonly<Record<string, Lower>> = {
  Gate: gate('gate', ({ node: { attributes } }) => ({
    alpha: number(attributes, 'alpha', 1),
    low: number(attributes, 'low', 0),
    high: number(attributes, 'high', 0),
  })),
  LeakyGate: gate('leakyGate'),
  HardSwishGate: gate('hardSwishGate', () => ({ alpha: 1 / 6, beta: 0.5 })),
  SigmoidGate: gate('sigmoidGate'),
  SwishGate: gate('siluGate'),
  GeluGate: gate('geluGate'),
  ErfGate: gate('erfGate'),
  TanhGate: gate('tanhGate'),
  EluGate: gate('eluGate'),
  StairsGate: gate('stairsGate', stairs),
  LeakySlope: slopes('leakySlope'),
};
