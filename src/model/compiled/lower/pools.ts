import { number, numbers } from '../../../layers/layer.ts';
import { readWindow } from '../../../layers/window.ts';
import { poolOutput } from '../../../tensor/kernels/reference/pool.ts';
import { axisTable, type WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import { step } from '../../../tensor/kernels/wasm/steps.ts';
import type { Attributes } from '../../data/format.ts';
import { type Lower, type Lowered, type LoweringContext, mapAt, noEpilogue } from './lowering.ts';
import { deviceValue, type MapValue, padded } from './values.ts';
import { wholeWindow, windowGeometry } from './windowGeometry.ts';

interface Pool {
  readonly kernel: 'maxPool' | 'averagePool';
  readonly window: WindowAttributes;
  /** What a mean divides by; 0 for the number of pixels inside the image. */
  readonly divisor: number;
}

export function pool(context: LoweringContext, x: MapValue, { kernel, window, divisor }: Pool): Lowered {
  const output = deviceValue(context.shape);
  const [kernelHeight, kernelWidth] = window.kernel;
  const geometry = {
    weights: 0,
    bias: 0,
    ...noEpilogue,
    channels: padded(x.channels),
    ...windowGeometry(window, x, output),
    inputPixelBytes: x.pixelBytes,
    outputPixelBytes: output.pixelBytes,
    divisor,
  };
  return {
    output,
    operations: [
      {
        reads: [x.buffer],
        writes: [output.buffer],
        work: output.images * output.height * output.width * kernelHeight * kernelWidth * x.channels,
        steps: (at) => [
          step(kernel, output.images * output.height, {
            ...geometry,
            input: at(x.buffer),
            output: at(output.buffer),
          }),
        ],
      },
    ],
  };
}

/** Whether every window along an axis holds some of its pixels. */
function holdsPixels(
  window: WindowAttributes,
  length: number,
  [axis, output]: readonly [number, number],
): boolean {
  const table = axisTable(length, output, window, axis);
  const held = new Set(Array.from(table, (from, i) => (from < 0 ? -1 : i % output)));
  held.delete(-1);
  return held.size === output;
}

/** The windows of a pool of two spatial axes over lengths; undefined where there are none on a device. */
export function windowsOf(
  attributes: Attributes,
  lengths: readonly number[],
): Omit<Pool, 'kernel'> | undefined {
  const kernel = numbers(attributes, 'kernel_shape');
  if (kernel?.length !== 2) return undefined;
  const window = readWindow(attributes, kernel, lengths);
  const ceil = number(attributes, 'ceil_mode', 0) === 1;
  const includePads = number(attributes, 'count_include_pad', 0) === 1;
  const output = poolOutput(lengths, window, ceil);
  const filled = output.every((length, axis) => holdsPixels(window, lengths[axis], [axis, length]));
  // A mean with pads and ceil_mode counts cells that are not there.
  if (!filled || (includePads && ceil)) return undefined;
  return { window, divisor: includePads ? kernel[0] * kernel[1] : 0 };
}

function lowerPool(kernel: Pool['kernel']): Lower {
  return (context) => {
    const x = mapAt(context, 0);
    const { attributes, outputs } = context.node;
    if (x === undefined || x.shape.length !== 4 || outputs.length > 1) return undefined;
    const windows = windowsOf(attributes, [x.height, x.width]);
    return windows && pool(context, x, { kernel, ...windows });
  };
}

function lowerGlobal(kernel: Pool['kernel']): Lower {
  return (context) => {
    const x = mapAt(context, 0);
    if (x === undefined || x.shape.length !== 4) return undefined;
    return pool(context, x, { kernel, window: wholeWindow(x), divisor: x.height * x.width });
  };
}

export const pools: Readonly<Record<string, Lower>> = {
  MaxPool: lowerPool('maxPool'),
  AveragePool: lowerPool('averagePool'),
  GlobalAveragePool: lowerGlobal('averagePool'),
  GlobalMaxPool: lowerGlobal('maxPool'),
};
