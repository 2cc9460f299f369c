import type { WindowAttributes } from '../../../tensor/kernels/reference/window.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { LoweringContext } from './lowering.ts';
import type { DeviceValue } from './values.ts';

/** A convolution whose parts are at hand. */
export interface Convolution {
  readonly context: LoweringContext;
  readonly x: DeviceValue;
  readonly w: Tensor;
  readonly window: WindowAttributes;
  readonly groups: number;
}
