import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { mapEntries, zipEntries } from '../tensor/kernels/reference/map.ts';
import { castTo, contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { choice, entrywise, type Layer, type LayerContext, type Layers, need, number } from './layer.ts';
import { type Attributes, bitsOf, type ElementType, elementTypeOf, isFloat } from './types.ts';

/** A whole number; what is none counts as 0. */
const whole = (x: number): bigint => BigInt(Number.isFinite(x) ? Math.trunc(x) : 0);

type Bits = (a: bigint, b: bigint) => bigint;

/** An operator of integers, bit by bit: of as many bits as their type has. */
function bitwise(
  f: (attributes: Attributes, bits: bigint) => Bits,
  attributes: Layer['attributes'] = {},
): Layer {
  return {
    ...entrywise,
    inputs: [2, 2],
    attributes,
    evaluate: (inputs, given, { types: [type] }) => {
      const { bits, wrap } = bitsOf(type);
      const combine = f(given, BigInt(bits));
      return zipEntries(
        concrete(need(inputs, 0, 'A')),
        concrete(need(inputs, 1, 'B')),
        (a, b) => Number(wrap(bits, combine(whole(a), whole(b)))),
        'combine bits',
      );
    },
  };
}

const not = (inputs: Parameters<Layer['evaluate']>[0], { types: [type] }: LayerContext) => {
  const { bits, wrap } = bitsOf(type);
  return mapEntries(concrete(need(inputs, 0, 'X')), (x) => Number(wrap(bits, ~whole(x))));
};

/** How numbers of a type stand in memory. */
const views = {
  ...{ int8: Int8Array, uint8: Uint8Array, bool: Uint8Array, int16: Int16Array, uint16: Uint16Array },
  ...{ int32: Int32Array, uint32: Uint32Array, float32: Float32Array, float64: Float64Array },
};

function viewOf(type: ElementType | undefined) {
  if (type !== undefined && Object.hasOwn(views, type)) return views[type as keyof typeof views];
  throw new InputError(`it takes ${Object.keys(views).join(', ')}, got ${type}`);
}

/** The bits of numbers of one type, read as another: a constant. */
function reread(x: Tensor, from: ElementType | undefined, to: ElementType | undefined): Tensor {
  const [own, other] = [viewOf(from), viewOf(to)];
  if (own.BYTES_PER_ELEMENT !== other.BYTES_PER_ELEMENT)
    throw new InputError(`it reads ${from} as ${to}, and types of as many bits are wanted`);
  const { data, shape } = contiguous(x);
  return fromData(Float64Array.from(new other(own.from(data).buffer)), shape);
}

export const bits: Layers = {
  BitCast: {
    ...entrywise,
    inputs: [1, 1],
    attributes: { to: 'int' },
    evaluate: (inputs, attributes, { types: [type], precision }) => {
      const to = elementTypeOf(number(attributes, 'to', 0));
      if (to === type) return need(inputs, 0, 'input');
      const y = reread(concrete(need(inputs, 0, 'input')), type, to);
      return to !== undefined && isFloat(to) ? castTo(y, precision) : y;
    },
    types: (_, attributes) => [elementTypeOf(number(attributes, 'to', 0))],
  },
  BitwiseAnd: bitwise(() => (a, b) => a & b),
  BitwiseOr: bitwise(() => (a, b) => a | b),
  BitwiseXor: bitwise(() => (a, b) => a ^ b),
  BitwiseNot: { ...entrywise, inputs: [1, 1], evaluate: (inputs, _, context) => not(inputs, context) },
  BitShift: bitwise(
    (attributes, bits) => {
      const isLeft = choice(attributes, 'direction', ['RIGHT', 'LEFT']) === 'LEFT';
      return (a, b) => {
        // By as many bits as there are, or by fewer than none, everything is shifted out: the sign stays.
        if (b < 0n || b >= bits) return isLeft || a >= 0n ? 0n : -1n;
        return isLeft ? a << b : a >> b;
      };
    },
    { direction: 'text' },
  ),
};
