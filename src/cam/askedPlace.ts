import type { Box } from '../model/graph/receptiveField.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The pixels that a question sums over. */
export interface AskedPixels {
  readonly kind: 'pixels';
  /** 1 in them and 0 elsewhere, [h, w]: of the network's map of classes, which lies on all of its input. */
  readonly mask: Tensor;
}

/** The box of a detector that a question is about. */
export interface AskedBox {
  readonly kind: 'box';
  /** In pixels of the network's input; it may reach beyond them. */
  readonly box: Box;
  /** The point that the box was to hold, where one was given, in the same pixels [x, y]. */
  readonly point?: readonly [x: number, y: number];
  /** Of the network's input, [H, W]. */
  readonly sides: readonly [height: number, width: number];
}

/** Where on the picture a question is asked: chosen on the clean picture, held in the noisy samples. */
export type AskedPlace = AskedPixels | AskedBox;
