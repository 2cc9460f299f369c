import { number, numbers, text } from '../../../layers/layer.ts';
import { readWindow } from '../../../layers/window.ts';
import type { Convolution } from './convolutionParts.ts';
import { lowerDepthwise } from './depthwise.ts';
import { spreadPixels } from './gradients.ts';
import { type Lower, mapAt, mapOf } from './lowering.ts';
import { lowerProduct } from './product.ts';
import { transposeKernels } from './transposeKernels.ts';
import { lowerWinograd } from './winograd.ts';

/** Smallest output, in pixels, and fewest channels for which transforms pay. */
const WINOGRAD_PIXELS = 64;
const WINOGRAD_CHANNELS = 16;

function suitsWinograd({ context, x, w, window, groups }: Convolution): boolean {
  const [, , height, width] = context.shape;
  const all = (list: readonly number[], value: number) => list.every((each) => each === value);
  return (
    groups === 1 &&
    all(window.kernel, 3) &&
    all(window.strides, 1) &&
    all(window.dilations, 1) &&
    height * width >= WINOGRAD_PIXELS &&
    x.channels >= WINOGRAD_CHANNELS &&
    w.shape[0] >= WINOGRAD_CHANNELS
  );
}

/** Conv of two spatial axes with constant weights. */
export const lowerConv: Lower = (context) => {
  const x = mapAt(context, 0);
  const w = context.constant(1);
  const { attributes, inputs } = context.node;
  const bias = inputs[2] === undefined || inputs[2] === '' || context.constant(2) !== undefined;
  if (x === undefined || w === undefined || !bias || w.shape.length !== 4 || x.shape.length !== 4)
    return undefined;
  const kernel = numbers(attributes, 'kernel_shape') ?? w.shape.slice(2);
  const window = readWindow(attributes, kernel, [x.height, x.width]);
  const groups = number(attributes, 'group', 1);
  const residual = mapOf(context, context.residual);
  const convolution = { context, x, w, window, groups, residual };
  if (groups > 1 && groups === x.channels && w.shape[0] === groups) return lowerDepthwise(convolution);
  return suitsWinograd(convolution) ? lowerWinograd(convolution) : lowerProduct(convolution);
};

/** Transposed convolution: the pixels spread by the strides, then a convolution with the kernels flipped. */
export const lowerConvTranspose: Lower = (context) => {
  const x = mapAt(context, 0);
  const w = context.constant(1);
  const { node, shape } = context;
  const { attributes } = node;
  if (x?.shape.length !== 4 || w?.shape.length !== 4) return undefined;
  if (text(attributes, 'auto_pad', 'NOTSET') !== 'NOTSET' || attributes.output_shape !== undefined)
    return undefined;
  const groups = number(attributes, 'group', 1);
  const [strides, dilations] = ['strides', 'dilations'].map((name) => numbers(attributes, name, [1, 1]));
  const pads = numbers(attributes, 'pads', [0, 0, 0, 0]);
  const kernel = w.shape.slice(2);
  const lengths = [x.height, x.width].map((length, i) => (length - 1) * strides[i] + 1);
  const spread = spreadPixels({ ...context, shape: [...x.shape.slice(0, 2), ...lengths] }, x, strides);
  const before = pads.slice(0, 2).map((pad, i) => dilations[i] * (kernel[i] - 1) - pad);
  const after = before.map((pad, i) => shape[i + 2] - lengths[i] - pad + dilations[i] * (kernel[i] - 1));
  const flipped = transposeKernels(w, { groups, factors: undefined });
  const lowered = lowerConv({
    ...context,
    node: {
      ...node,
      attributes: {
        kernel_shape: kernel,
        strides: [1, 1],
        dilations,
        group: groups,
        pads: [...before, ...after],
      },
    },
    value: () => spread.output,
    constant: (i) => (i === 1 ? flipped : context.constant(i)),
  });
  return lowered && { ...lowered, operations: [...spread.operations, ...lowered.operations] };
};
