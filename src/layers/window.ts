import { InputError } from '../tensor/errors.ts';
import type { WindowAttributes } from '../tensor/kernels/window.ts';
import { numbers, text } from './layer.ts';
import type { Attributes } from './types.ts';

/**
 * The window of a convolution or pool over spatial lengths, from ONNX attributes: strides, dilations, pads (all starts,
 * then all ends) or auto_pad (NOTSET, VALID, SAME_UPPER, SAME_LOWER).
 */
export function readWindow(
  attributes: Attributes,
  kernel: readonly number[],
  spatial: readonly number[],
): WindowAttributes {
  const rank = spatial.length;
  const list = (name: string, fallback: number, length = rank) => {
    const values = numbers(attributes, name, new Array<number>(length).fill(fallback));
    if (values.length !== length)
      throw new InputError(`its attribute ${name} must hold ${length} numbers, got ${values.length}`);
    return values;
  };
  if (kernel.length !== rank) {
    throw new InputError(`its kernel has ${kernel.length} axes, but the input has ${rank} spatial axes`);
  }
  const strides = list('strides', 1);
  const dilations = list('dilations', 1);
  const autoPad = text(attributes, 'auto_pad', 'NOTSET');
  const window = { kernel, strides, dilations };
  if (autoPad === 'NOTSET' || autoPad === '') {
    const pads = list('pads', 0, 2 * rank);
    return { ...window, padsBefore: pads.slice(0, rank), padsAfter: pads.slice(rank) };
  }
  if (autoPad === 'VALID') {
    const none = new Array<number>(rank).fill(0);
    return { ...window, padsBefore: none, padsAfter: none };
  }
  // SAME: ⌈length / stride⌉ outputs; an odd pad goes to the end (UPPER) or to the start (LOWER).
  const total = spatial.map((length, i) => {
    const reach = dilations[i] * (kernel[i] - 1) + 1;
    return Math.max(0, (Math.ceil(length / strides[i]) - 1) * strides[i] + reach - length);
  });
  const small = total.map((pad) => Math.floor(pad / 2));
  const large = total.map((pad) => Math.ceil(pad / 2));
  if (autoPad === 'SAME_UPPER') return { ...window, padsBefore: small, padsAfter: large };
  if (autoPad === 'SAME_LOWER') return { ...window, padsBefore: large, padsAfter: small };
  throw new InputError(
    `its attribute auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, got ${autoPad}`,
  );
}
