import { isTraced } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { mapEntries } from '../tensor/kernels/reference/map.ts';
import { contiguous } from '../tensor/tensor.ts';
import { isInteger, type Layer, type LayerContext, type Value } from './layer.ts';
import { type Attributes, bitsOf, isEnd } from './types.ts';

/** From here on integers are not all of them numbers. */
const EXACT = 2 ** 53;

/** Integers as their type holds them: wrapped to so many bits. @throws InputError for those of 64 bits that would be rounded. */
function fitted(value: Value): Value {
  const { tensor, type } = value;
  if (!isInteger(type) || isTraced(tensor)) return value;
  const { bits, wrap } = bitsOf(type);
  const isSigned = wrap === BigInt.asIntN;
  const [low, high] = [isSigned ? -(2 ** (bits - 1)) : 0, 2 ** (isSigned ? bits - 1 : bits) - 1];
  const isOutside = (x: number) =>
    Number.isFinite(x) && (bits === 64 ? Math.abs(x) > EXACT && !isEnd(x) : x < low || x > high);
  const outside = contiguous(tensor).data.find(isOutside);
  if (outside === undefined) return value;
  if (bits === 64) {
    throw new InputError(
      `it gives ${outside} as ${type}, and beyond 2^53 jetgrad would round whole numbers; use floats`,
    );
  }
  return {
    tensor: mapEntries(tensor, (x) => (isOutside(x) ? Number(wrap(bits, BigInt(Math.trunc(x)))) : x)),
    type,
  };
}

/** What a node gives, one for each of its outputs as far as they are made. */
export function evaluateNode(
  layer: Layer,
  { outputs, attributes }: { readonly outputs: readonly string[]; readonly attributes: Attributes },
  {
    values,
    context,
  }: { values: readonly (Value | undefined)[]; context: Omit<LayerContext, 'types' | 'outputs'> },
): (Value | undefined)[] {
  const inputs = values.map((value) => value?.tensor);
  const types = values.map((value) => value?.type);
  layer.fits?.(
    inputs.map((x) => x?.shape),
    attributes,
  );
  const given = { ...context, types, outputs: outputs.length };
  const typed = layer.evaluateTyped?.(inputs, attributes, given);
  if (typed !== undefined) return outputs.map((name, i) => (name === '' ? undefined : typed[i]));
  const result = layer.evaluate(inputs, attributes, given);
  const tensors = 'shape' in result ? [result] : result;
  const said = layer.types?.(types, attributes, outputs.length);
  return outputs.map((name, i) => {
    const tensor = tensors[i];
    if (name === '' || tensor === undefined) return undefined;
    const type = said?.[i] ?? said?.[0] ?? types.find((each) => each !== undefined) ?? 'float32';
    return fitted({ tensor, type });
  });
}
