import { numbers } from '../../../layers/layer.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { type Shape, sameShape } from '../../../tensor/shape.ts';
import { copyStep } from './copyChannels.ts';
import type { Lower, Lowered } from './lowering.ts';
import {
  type Buffer,
  type DeviceValue,
  deviceValue,
  fitsDevice,
  type Operation,
  padded,
  pixelsOf,
} from './values.ts';

const CHUNK_PIXELS = 4096;

/** [N, C, H, W] in the order of the graph, each image padded to `imageBytes`, from a value. */
export function toChannelsFirst(x: DeviceValue, target: Buffer, imageBytes: number): Operation {
  const pixels = x.height * x.width;
  return {
    reads: [x.buffer],
    writes: [target],
    work: 2 * pixelsOf(x) * x.channels,
    steps: (at) => [
      step('channelsFirst', x.images * Math.ceil(pixels / CHUNK_PIXELS), {
        input: at(x.buffer),
        output: at(target),
        channels: x.channels,
        pixels,
        pixelBytes: x.pixelBytes,
        imageBytes,
        padded: padded(x.channels),
        block: CHUNK_PIXELS,
        blocks: Math.ceil(pixels / CHUNK_PIXELS),
      }),
    ],
  };
}

/** The other way. */
export function toChannelsLast(source: Buffer, x: DeviceValue): Operation {
  const pixels = x.height * x.width;
  return {
    reads: [source],
    writes: [x.buffer],
    work: 2 * pixelsOf(x) * x.channels,
    steps: (at) => [
      step('channelsLast', x.images * Math.ceil(pixels / CHUNK_PIXELS), {
        input: at(source),
        output: at(x.buffer),
        channels: x.channels,
        pixels,
        pixelBytes: x.pixelBytes,
        imageBytes: x.channels * pixels * 4,
        padded: padded(x.channels),
        block: CHUNK_PIXELS,
        blocks: Math.ceil(pixels / CHUNK_PIXELS),
      }),
    ],
  };
}

/** The same values under another shape, where that is [N, C·H·W], or adds or drops spatial axes of length 1. */
export function reshaped(x: DeviceValue, shape: Shape): Lowered | undefined {
  if (!fitsDevice(shape) || shape[0] !== x.images) return undefined;
  const flat = shape.length === 2 || shape[2] * shape[3] === 1;
  if (sameShape(shape, x.shape)) return { output: { ...x, shape }, operations: [] };
  if (!flat || shape[1] !== x.channels * x.height * x.width) return undefined;
  if (x.height * x.width === 1) return { output: deviceValue(shape, x.buffer), operations: [] };
  const output = deviceValue(shape);
  return { output, operations: [toChannelsFirst(x, output.buffer, output.pixelBytes)] };
}

const lowerReshape: Lower = (context) => {
  const x = context.value(0);
  return x && reshaped(x, context.shape);
};

/** Concat along channels: every part is copied to its place. */
const lowerConcat: Lower = (context) => {
  const parts = context.node.inputs.map((_, i) => context.value(i));
  const axis = context.node.attributes.axis;
  if (axis !== 1 && axis !== 1 - context.shape.length) return undefined;
  if (!parts.every((part) => part !== undefined)) return undefined;
  // The padding of a part in the middle would overwrite its neighbour.
  if (parts.slice(0, -1).some((part) => part.channels % 4 !== 0)) return undefined;
  const output = deviceValue(context.shape);
  let from = 0;
  const places = parts.map((part) => {
    const start = from;
    from += part.channels * 4;
    return start;
  });
  return {
    output,
    operations: [
      {
        reads: parts.map(({ buffer }) => buffer),
        writes: [output.buffer],
        work: 2 * pixelsOf(output) * output.channels,
        steps: (at) =>
          parts.map((part, i) => {
            const to = { address: at(output.buffer) + places[i], pixelBytes: output.pixelBytes };
            return copyStep(part, { address: at(part.buffer), pixelBytes: part.pixelBytes }, to);
          }),
      },
    ],
  };
};

/** Transpose that moves nothing is the identity; others are the reference's. */
const lowerTranspose: Lower = (context) => {
  const order = numbers(context.node.attributes, 'perm');
  const x = context.value(0);
  return x && order?.every((axis, i) => axis === i) ? reshaped(x, context.shape) : undefined;
};

export const shapeOperators: Readonly<Record<string, Lower>> = {
  Flatten: lowerReshape,
  Reshape: lowerReshape,
  Squeeze: lowerReshape,
  Unsqueeze: lowerReshape,
  Identity: lowerReshape,
  Dropout: (context) =>
    context.node.outputs.length === 1 && !context.node.inputs[2] ? lowerReshape(context) : undefined,
  Concat: lowerConcat,
  Transpose: lowerTranspose,
};
