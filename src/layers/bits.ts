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
interface View {
  readonly bytes: number;
  write(data: ArrayLike<number>): ArrayBuffer;
  read(buffer: ArrayBuffer): ArrayLike<number>;
}

interface Kind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): ArrayLike<T>;
  from(data: ArrayLike<T>): { readonly buffer: ArrayBuffer };
}

const plain = (kind: Kind<number>): View => ({
  bytes: kind.BYTES_PER_ELEMENT,
  write: (data) => kind.from(data).buffer,
  read: (buffer) => new kind(buffer),
});

/** Whole numbers of 64 bits are held as float64: those that it has not are refused, as is the end of the type that stands for another. */
function wide(kind: Kind<bigint>, wrap: typeof BigInt.asIntN): View {
  const exact = (big: bigint, x: number): void => {
    if (BigInt(x) === big) return;
    throw new InputError(`it holds ${big}, and beyond 2^53 jetgrad would round whole numbers; use floats`);
  };
  return {
    bytes: kind.BYTES_PER_ELEMENT,
    write: (data) => {
      const bigs = Array.from(data, (x) => {
        const big = BigInt(x);
        exact(big, Number(wrap(64, big)));
        return big;
      });
      return kind.from(bigs).buffer;
    },
    read: (buffer) =>
      Array.from(new kind(buffer), (big) => {
        exact(big, Number(big));
        return Number(big);
      }),
  };
}

const views = {
  ...{ int8: plain(Int8Array), uint8: plain(Uint8Array), bool: plain(Uint8Array) },
  ...{ int16: plain(Int16Array), uint16: plain(Uint16Array), int32: plain(Int32Array) },
  ...{ uint32: plain(Uint32Array), float32: plain(Float32Array), float64: plain(Float64Array) },
  ...{ int64: wide(BigInt64Array, BigInt.asIntN), uint64: wide(BigUint64Array, BigInt.asUintN) },
};

function viewOf(type: ElementType | undefined): View {
  if (type !== undefined && Object.hasOwn(views, type)) return views[type as keyof typeof views];
  throw new InputError(`it takes ${Object.keys(views).join(', ')}, got ${type}`);
}

/** The bits of numbers of one type, read as another: a constant. */
function reread(x: Tensor, from: ElementType | undefined, to: ElementType | undefined): Tensor {
  const [own, other] = [viewOf(from), viewOf(to)];
  if (own.bytes !== other.bytes)
    throw new InputError(`it reads ${from} as ${to}, and types of as many bits are wanted`);
  const { data, shape } = contiguous(x);
  return fromData(Float64Array.from(other.read(own.write(data))), shape);
}

const targetOf = (attributes: Attributes) => elementTypeOf(number(attributes, 'to', 0));

function bitCast(
  ...[
    inputs,
    attributes,
    {
      types: [type],
      precision,
    },
  ]: Parameters<Layer['evaluate']>
): Tensor {
  const to = targetOf(attributes);
  if (to === type) return need(inputs, 0, 'input');
  const y = reread(concrete(need(inputs, 0, 'input')), type, to);
  return to !== undefined && isFloat(to) ? castTo(y, precision) : y;
}

export const bits: Layers = {
  BitCast: {
    ...entrywise,
    inputs: [1, 1],
    attributes: { to: 'int' },
    evaluate: bitCast,
    // Its whole numbers beyond 2^53 are exact, where those of arithmetic might have been rounded.
    evaluateTyped: (inputs, attributes, context) => {
      const tensor = bitCast(inputs, attributes, context);
      return [{ tensor, type: targetOf(attributes) ?? 'float32' }];
    },
    types: (_, attributes) => [targetOf(attributes)],
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
