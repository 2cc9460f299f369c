import { number, numbers } from '../../../layers/layer.ts';
import type { WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import { reshaped } from './copies.ts';
import { type Lower, type LoweringContext, mapAt } from './lowering.ts';
import { gates } from './pointwise.ts';
import { pool, windowsOf } from './pools.ts';
import { stretch } from './shapes.ts';
import { type AddressOf, deviceValue, type MapValue, padded, pixelsOf } from './values.ts';
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

const lowerSpread: Lower = (context) => {
  const g = mapAt(context, 0);
  const strides = numbers(context.node.attributes, 'strides');
  if (g === undefined || strides === undefined) return undefined;
  return handBack(
    context,
    { g, x: undefined },
    { kernel: 'spread', window: { ...cellWindow, strides }, divisor: 1 },
  );
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

const lowerSumPixels: Lower = (context) => {
  const g = mapAt(context, 0);
  return g && pool(context, g, { kernel: 'averagePool', window: wholeWindow(g), divisor: 1 });
};

/** Some channels, from a start on. */
const lowerSliceChannels: Lower = (context) => {
  const g = context.value(0);
  const start = number(context.node.attributes, 'start', 0);
  return g && stretch(g, { axis: 1, start, length: context.shape[1] });
};

/** The operators that only backward passes have. */
export const gradientOperators: Readonly<Record<string, Lower>> = {
  ...gates,
  SpreadPixels: lowerSpread,
  MaxPoolGradient: poolGradient('maxPoolGradient', false),
  AveragePoolGradient: poolGradient('averagePoolGradient', false),
  GlobalMaxPoolGradient: poolGradient('maxPoolGradient', true),
  GlobalAveragePoolGradient: poolGradient('averagePoolGradient', true),
  SumPixels: lowerSumPixels,
  SliceChannels: lowerSliceChannels,
  ReshapeTo: (context) => {
    const g = context.value(0);
    return g && reshaped(g, context.shape);
  },
};
