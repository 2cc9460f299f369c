import { InputError } from '../tensor/errors.ts';
import type { WindowAttributes } from '../tensor/kernels/reference/window.ts';
import { beyond, limits } from '../tensor/limits.ts';
import type { Shape } from '../tensor/shape.ts';
import { type AttributeKind, choice, numbers } from './layer.ts';
import type { Attributes } from './types.ts';

/** What the attributes of a window hold. */
export const windowKinds = {
  kernel_shape: 'ints',
  strides: 'ints',
  dilations: 'ints',
  pads: 'ints',
  auto_pad: 'text',
} as const satisfies Readonly<Record<string, AttributeKind>>;

const MOST_AXES = 3;

/** A window's sides as the attributes have them, whatever it slides over. */
interface Sides {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** All starts, then all ends; none where `autoPad` says. */
  readonly pads: readonly number[];
  readonly autoPad: 'NOTSET' | 'VALID' | 'SAME_UPPER' | 'SAME_LOWER';
}

/** Kernels count in 32 bits. */
function checkSide(name: string, side: number): void {
  if (!Number.isInteger(side) || side < 1) {
    throw new InputError(`its ${name} must be whole numbers of at least 1, got ${side}`);
  }
  checkCells(name, side);
}

function checkCells(name: string, cells: number): void {
  if (!(Math.abs(cells) <= limits.window.value)) {
    throw new InputError(`its ${name}: ${beyond(limits.window, cells)}`);
  }
}

/** The sides of a window, checked. @throws InputError naming the attribute. */
export function readSides(attributes: Attributes, kernel: readonly number[]): Sides {
  const rank = kernel.length;
  const list = (name: string, fallback: number, length = rank) => {
    const values = numbers(attributes, name, new Array<number>(length).fill(fallback));
    if (values.length !== length)
      throw new InputError(`its attribute ${name} must hold ${length} numbers, got ${values.length}`);
    return values;
  };
  if (rank < 1 || rank > MOST_AXES) {
    throw new InputError(`its kernel must have 1 to ${MOST_AXES} axes, got ${rank}`);
  }
  const strides = list('strides', 1);
  const dilations = list('dilations', 1);
  const given = choice(attributes, 'auto_pad', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER', '']);
  const autoPad = given === '' ? 'NOTSET' : given;
  const pads = autoPad === 'NOTSET' ? list('pads', 0, 2 * rank) : new Array<number>(2 * rank).fill(0);
  for (const side of kernel) checkSide('kernel', side);
  for (const side of strides) checkSide('strides', side);
  for (const side of dilations) checkSide('dilations', side);
  for (const side of pads) {
    if (!Number.isInteger(side)) throw new InputError(`its pads must be whole numbers, got ${side}`);
    checkCells('pads', side);
  }
  kernel.forEach((side, i) => {
    checkCells('window', dilations[i] * (side - 1) + 1);
  });
  return { kernel, strides, dilations, pads, autoPad };
}

/** The sides of a kernel whose weights have this shape, or that `kernel_shape` gives alone. @throws InputError */
export function kernelOf(attributes: Attributes, weights?: Shape): readonly number[] {
  const own = weights?.slice(2);
  const kernel = numbers(attributes, 'kernel_shape') ?? own;
  if (kernel === undefined) throw new InputError('its attribute kernel_shape is missing');
  if (own !== undefined && (kernel.length !== own.length || kernel.some((side, i) => side !== own[i]))) {
    throw new InputError(
      `its kernel_shape [${kernel.join(', ')}] is not that of its weights [${own.join(', ')}]`,
    );
  }
  return kernel;
}

/**
 * The window of a convolution or pool over spatial lengths, from ONNX attributes: strides, dilations, pads (all starts,
 * then all ends) or auto_pad (NOTSET, VALID, SAME_UPPER, SAME_LOWER).
 * @throws InputError for sides that are no lengths, or longer than the kernels can count.
 */
export function readWindow(
  attributes: Attributes,
  kernel: readonly number[],
  spatial: readonly number[],
): WindowAttributes {
  const rank = spatial.length;
  if (kernel.length !== rank) {
    throw new InputError(`its kernel has ${kernel.length} axes, but the input has ${rank} spatial axes`);
  }
  const { strides, dilations, pads, autoPad } = readSides(attributes, kernel);
  // SAME: ⌈length / stride⌉ outputs; an odd pad goes to the end (UPPER) or to the start (LOWER).
  const total = spatial.map((length, i) => {
    const reach = dilations[i] * (kernel[i] - 1) + 1;
    return Math.max(0, (Math.ceil(length / strides[i]) - 1) * strides[i] + reach - length);
  });
  const small = total.map((pad) => Math.floor(pad / 2));
  const large = total.map((pad) => Math.ceil(pad / 2));
  const [padsBefore, padsAfter] = {
    NOTSET: [pads.slice(0, rank), pads.slice(rank)],
    VALID: [pads.slice(0, rank), pads.slice(rank)],
    SAME_UPPER: [small, large],
    SAME_LOWER: [large, small],
  }[autoPad];
  spatial.forEach((length, i) => {
    const reach = dilations[i] * (kernel[i] - 1) + 1;
    const padded = length + Math.abs(padsBefore[i]) + Math.abs(padsAfter[i]);
    checkCells('window', padded + reach + strides[i]);
  });
  return { kernel, strides, dilations, padsBefore, padsAfter };
}
