import { concrete } from '../autodiff/trace.ts';
import { mapEntries, zipEntries } from '../tensor/kernels/reference/map.ts';
import { choice, entrywise, type Layer, type LayerContext, type Layers, need } from './layer.ts';
import { type Attributes, bitsOf } from './types.ts';

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
        (a, b) => Number(wrap(bits, combine(BigInt(a), BigInt(b)))),
        'combine bits',
      );
    },
  };
}

const not = (inputs: Parameters<Layer['evaluate']>[0], { types: [type] }: LayerContext) => {
  const { bits, wrap } = bitsOf(type);
  return mapEntries(concrete(need(inputs, 0, 'X')), (x) => Number(wrap(bits, ~BigInt(x))));
};

export const bits: Layers = {
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
