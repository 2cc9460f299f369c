import type { WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import type { MapValue } from './values.ts';

type Sides = Pick<MapValue, 'height' | 'width'>;

/** One cell, step by step. */
export const cellWindow: WindowAttributes = {
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  padsBefore: [0, 0],
  padsAfter: [0, 0],
};

/** One window over all pixels. */
export const wholeWindow = ({ height, width }: Sides): WindowAttributes => ({
  ...cellWindow,
  kernel: [height, width],
});

/** What kernels are told of a window that slides over x and gives y, lengths in pixels. */
export function windowGeometry(window: WindowAttributes, x: Sides, y: Sides) {
  const [kernelHeight, kernelWidth] = window.kernel;
  const [strideY, strideX] = window.strides;
  const [dilationY, dilationX] = window.dilations;
  const [top, left] = window.padsBefore;
  return {
    height: x.height,
    width: x.width,
    outputHeight: y.height,
    outputWidth: y.width,
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    dilationY,
    dilationX,
    top,
    left,
  };
}
