import { number, numbers } from '../../../layers/layer.ts';
import type { WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { reshaped } from './copies.ts';
import { type Lower, type LoweringContext, mapAt } from './lowering.ts';
import { normGradients } from './norms.ts';
import { gates } from './pointwise.ts';
import { windowsOf } from './pools.ts';
import { reduced } from './reductions.ts';
import { stretch } from './shapes.ts';
import { alongAxis, unpackSparse } from './sparse.ts';
import { type AddressOf, deviceValue, type MapValue, padded, pixelsOf } from './values.ts';
import { expanded } from './views.ts';
import { cellWindow, wholeWindow, windowGeometry } from './windowGeometry.ts';

interface Windows {
  readonly kernel: 'spread' | 'maxPoolGradient' | 'averagePoolGradient';
  readonly window: WindowAttributes;
  readonly divisor: number;
}

/** Hands each pixel of g back to its window, in a value of the shape wanted. */
function handBack(
  context: LoweringContext,
  { g, x }: { g: MapValue; x: MapValue | undefined },
  { kernel, window, divisor }: Windows,
) {
  const output = deviceValue(context.shape);
  const [kernelHeight, kernelWidth] = window.kernel;
  const channels = padded(g.channels);
  return {
    output,
    operations: [
      {
        reads: [g.buffer, ...(x ? [x.buffer] : [])],
        writes: [output.buffer],
        work: 2 * pixelsOf(output) * channels * kernelHeight * kernelWidth,
        steps: (at: AddressOf) => [
          step(kernel, output.images * output.height, {
            input: x ? at(x.buffer) : 0,
            cotangent: at(g.buffer),
            output: at(output.buffer),
            channels,
            ...windowGeometry(window, output, g),
            inputPixelBytes: x?.pixelBytes ?? 0,
            cotangentPixelBytes: g.pixelBytes,
            outputPixelBytes: output.pixelBytes,
            divisor,
          }),
        ],
      },
    ],
  };
}

/** Pixels that are so far apart, with zeros between them. */
export function spreadPixels(context: LoweringContext, g: MapValue, strides: readonly number[]) {
  const window = { ...cellWindow, strides };
  return handBack(context, { g, x: undefined }, { kernel: 'spread', window, divisor: 1 });
}

const lowerSpread: Lower = (context) => {
  const g = mapAt(context, 0);
  const strides = numbers(context.node.attributes, 'strides');
  return g && strides && spreadPixels(context, g, strides);
};

/** Pools hand cotangents back: a maximum to the first largest entry of `x`, a mean to all. */
function poolGradient(kernel: 'maxPoolGradient' | 'averagePoolGradient', isGlobal: boolean): Lower {
  return (context) => {
    const g = mapAt(context, 0);
    const x = kernel === 'maxPoolGradient' ? mapAt(context, 1) : undefined;
    if (g === undefined || (kernel === 'maxPoolGradient' && x === undefined)) return undefined;
    const [, , height, width] = context.shape;
    const windows = isGlobal
      ? { window: wholeWindow({ height, width }), divisor: height * width }
      : windowsOf(context.node.attributes, [height, width]);
    return windows && handBack(context, { g, x }, { kernel, ...windows });
  };
}

/** A stretch of one axis. */
const lowerStretch: Lower = (context) => {
  const g = context.value(0);
  const { attributes } = context.node;
  const [axis, start] = [number(attributes, 'axis', 0), number(attributes, 'start', 0)];
  return g && stretch(g, { axis, start, length: context.shape[axis] });
};

const lowerMix: Lower = (context) => {
  const g = context.value(0);
  const { axis, ...packed } = context.node.attributes as { axis: number } & Parameters<
    typeof unpackSparse
  >[0];
  return g && alongAxis(context, g, { axis, matrix: unpackSparse(packed), name: 'mix' });
};

const lowerSumTo: Lower = (context) => {
  const g = context.value(0);
  const { shape } = context;
  if (g === undefined) return undefined;
  const more = g.shape.length - shape.length;
  const axes = [...g.shape.keys()].filter((axis) => axis < more || shape[axis - more] !== g.shape[axis]);
  return reduced(context, g, { axes, divisor: 1 });
};

const lowerExpandTo: Lower = (context) => {
  const g = context.value(0);
  const output = g && expanded(g, context.shape);
  return output && { output, operations: [] };
};

/** The operators that only backward passes have. */
export const gradientOperators: Readonly<Record<string, Lower>> = {
  ...gates,
  ...normGradients,
  SpreadPixels: lowerSpread,
  MaxPoolGradient: poolGradient('maxPoolGradient', false),
  AveragePoolGradient: poolGradient('averagePoolGradient', false),
  GlobalMaxPoolGradient: poolGradient('maxPoolGradient', true),
  GlobalAveragePoolGradient: poolGradient('averagePoolGradient', true),
  SumTo: lowerSumTo,
  ExpandTo: lowerExpandTo,
  Stretch: lowerStretch,
  Mix: lowerMix,
  ReshapeTo: (context) => {
    const g = context.value(0);
    if (g === undefined) return undefined;
    return reshaped(g, context.shape);
  },
};
