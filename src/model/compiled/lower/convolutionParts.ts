import type { WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { LoweringContext } from './lowering.ts';
import type { MapValue } from './values.ts';

/** A convolution whose parts are at hand. */
export interface Convolution {
  readonly context: LoweringContext;
  readonly x: MapValue;
  /** What is added before the bounds. */
  readonly residual: MapValue | undefined;
  readonly w: Tensor;
  readonly window: WindowAttributes;
  readonly groups: number;
}
