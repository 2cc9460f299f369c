import { step } from '../../../tensor/kernels/wasm/steps.ts';
import type { Convolution } from './convolutionParts.ts';
import { type Lowered, placeBias } from './lowering.ts';
import { deviceValue, padded } from './values.ts';
import { windowGeometry } from './windowGeometry.ts';

/** A convolution of every channel on its own. */
export function lowerDepthwise({ context, x, w, window, residual }: Convolution): Lowered | undefined {
  const { node, weights, epilogue, scaling } = context;
  if (residual !== undefined) return undefined;
  const output = deviceValue(context.shape);
  const channels = padded(x.channels);
  const [kernelHeight, kernelWidth] = window.kernel;
  const taps = kernelHeight * kernelWidth;
  const packed = weights.place(
    `${node.outputs[0]} depthwise${scaling ? ' scaled' : ''}`,
    taps * channels,
    (out) =>
      weights.borrow(w, (data) => {
        for (let c = 0; c < x.channels; c++) {
          const factor = scaling?.factors[c] ?? 1;
          for (let t = 0; t < taps; t++) out[t * channels + c] = data[c * taps + t] * factor;
        }
      }),
  );
  const bias = placeBias(context, 2, x.channels);
  const geometry = {
    channels,
    ...windowGeometry(window, x, output),
    inputPixelBytes: x.pixelBytes,
    outputPixelBytes: output.pixelBytes,
    divisor: 1,
  };
  return {
    output,
    operations: [
      {
        reads: [x.buffer],
        writes: [output.buffer],
        work: 2 * output.images * output.height * output.width * taps * channels,
        steps: (at) => [
          step('depthwise', output.images * output.height, {
            ...geometry,
            input: at(x.buffer),
            output: at(output.buffer),
            weights: packed,
            bias,
            ...epilogue,
          }),
        ],
      },
    ],
  };
}
