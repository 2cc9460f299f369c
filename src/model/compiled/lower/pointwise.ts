import { number } from '../../../layers/layer.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { sameShape } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import { boundsOf } from './bounds.ts';
import { dataOf, type Lower, type Lowered, type LoweringContext } from './lowering.ts';
import { type AddressOf, type DeviceValue, deviceValue, padded, pixelsOf } from './values.ts';

type Activation = 'clamp' | 'leaky' | 'hardSigmoid' | 'hardSwish';
type PointwiseKernel = 'add' | 'multiply' | 'affine' | Activation | 'gate' | 'leakyGate' | 'hardSwishGate';

interface Pointwise {
  readonly kernel: PointwiseKernel;
  readonly a: DeviceValue;
  /** The other operand: a value, which may hold one pixel for each image, or an address. */
  readonly b?: DeviceValue | number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly low?: number;
  readonly high?: number;
}

const CHUNK_FLOATS = 65536;

/** One kernel over all entries of `a`. */
export function pointwise(
  context: Pick<LoweringContext, 'shape' | 'epilogue'>,
  p: Pointwise,
): Lowered | undefined {
  const { kernel, a, b = 0, alpha = 0, beta = 0 } = p;
  const { epilogue } = context;
  if (epilogue.residual !== undefined) return undefined;
  const output = deviceValue(context.shape);
  const channels = padded(a.channels);
  const pixels = pixelsOf(a);
  const block = Math.max(1, Math.floor(CHUNK_FLOATS / channels));
  const other = typeof b === 'number' ? undefined : b;
  const place = (at: AddressOf) => (typeof b === 'number' ? b : at(b.buffer));
  return {
    output,
    operations: [
      {
        reads: [a.buffer, ...(other ? [other.buffer] : [])],
        writes: [output.buffer],
        work: 2 * pixels * channels,
        steps: (at) => [
          step(kernel, Math.ceil(pixels / block), {
            a: at(a.buffer),
            b: place(at),
            output: at(output.buffer),
            low: p.low ?? epilogue.low,
            high: p.high ?? epilogue.high,
            alpha,
            beta,
            pixels,
            perImage: a.height * a.width,
            channels,
            aPixelBytes: a.pixelBytes,
            bPixelBytes: other?.pixelBytes ?? 0,
            outputPixelBytes: output.pixelBytes,
            bPerImage: other !== undefined && pixelsOf(other) < pixels ? 1 : 0,
            block,
          }),
        ],
      },
    ],
  };
}

const isGate = (x: DeviceValue, gate: DeviceValue) =>
  x.channels === gate.channels && x.images === gate.images && gate.height * gate.width === 1;

/** Values of a constant for each channel: it holds one number, or one for each channel. */
function perChannel(constant: Tensor, x: DeviceValue): Float64Array | undefined {
  const data = dataOf(constant);
  if (data.length === 1) return new Float64Array(x.channels).fill(data[0]);
  const { shape } = constant;
  const spatial = x.shape.length === 4 ? shape.slice(-2) : [1, 1];
  const channels = x.shape.length === 4 ? shape.at(-3) : shape.at(-1);
  const fits = data.length === x.channels && channels === x.channels && spatial.join() === '1,1';
  return fits ? Float64Array.from(data) : undefined;
}

/** x · factor + shift for each channel. */
export function affine(
  context: LoweringContext,
  x: DeviceValue,
  { factors, shifts }: { factors: ArrayLike<number>; shifts: ArrayLike<number> },
): Lowered | undefined {
  const channels = padded(x.channels);
  const b = context.weights.place(`${context.node.outputs[0]} affine`, 2 * channels, (out) => {
    out.set(factors);
    out.set(shifts, channels);
  });
  return pointwise(context, { kernel: 'affine', a: x, b });
}

function binary(kernel: 'add' | 'multiply'): Lower {
  return (context) => {
    const [a, b] = [context.value(0), context.value(1)];
    if (a !== undefined && b !== undefined) {
      if (sameShape(a.shape, b.shape)) return pointwise(context, { kernel, a, b });
      if (a.shape.length !== b.shape.length) return undefined;
      if (isGate(a, b)) return pointwise(context, { kernel, a, b });
      return isGate(b, a) ? pointwise(context, { kernel, a: b, b: a }) : undefined;
    }
    const x = a ?? b;
    const constant = context.constant(a === undefined ? 0 : 1);
    if (x === undefined || constant === undefined || !sameShape(context.shape, x.shape)) return undefined;
    const values = perChannel(constant, x);
    if (values === undefined) return undefined;
    const factors = kernel === 'multiply' ? values : new Float64Array(x.channels).fill(1);
    const shifts = kernel === 'multiply' ? new Float64Array(x.channels) : values;
    return affine(context, x, { factors, shifts });
  };
}

function unary(kernel: PointwiseKernel, parameters: (context: LoweringContext) => Partial<Pointwise>): Lower {
  return (context) => {
    const a = context.value(0);
    return a && pointwise(context, { kernel, a, ...parameters(context) });
  };
}

const lowerClamp: Lower = (context) => {
  const a = context.value(0);
  const bounds = boundsOf(context.node, context.constant);
  return a && bounds && pointwise(context, { kernel: 'clamp', a, ...bounds });
};

export const pointwiseOperators: Readonly<Record<string, Lower>> = {
  Add: binary('add'),
  Mul: binary('multiply'),
  Relu: lowerClamp,
  Clip: lowerClamp,
  LeakyRelu: unary('leaky', ({ node }) => ({ alpha: number(node.attributes, 'alpha', 0.01) })),
  HardSigmoid: unary('hardSigmoid', ({ node }) => ({
    alpha: number(node.attributes, 'alpha', 0.2),
    beta: number(node.attributes, 'beta', 0.5),
  })),
  HardSwish: unary('hardSwish', () => ({ alpha: 1 / 6, beta: 0.5 })),
};
