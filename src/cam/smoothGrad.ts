import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sameShape, sizeOf } from '../tensor/shape.ts';
import { fromData, type Tensor, type TensorLike, toTensor, zeros } from '../tensor/tensor.ts';
import { finiteTensor } from './finite.ts';
import { createRunningMean, type RunningMean } from './runningMean.ts';

/** The mean of gradients that come one by one. */
export interface GradientAccumulator {
  /** Takes the next sample's ∂z_c/∂x, in sample order. @throws ShapeError, InputError naming the sample. */
  add(gradient: TensorLike): void;
  /** The mean so far, float64, of the gradients' shape. @throws InputError before the first. */
  mean(): Tensor;
}

/**
 * Mean of ∂z_c/∂x over noisy inputs, one pass, in sample order: n identical samples give the bits of one.
 * Source: Smilkov et al. 2017 (SmoothGrad), the equation of "Smoothing noisy gradients".
 * @example
 * const mean = accumulateGradients();
 * mean.add(tensor([1, 2]));
 * mean.add(tensor([3, 2]));
 * mean.mean() // [2, 2]
 */
export function accumulateGradients(): GradientAccumulator {
  let shape: Shape = [];
  let running: RunningMean | undefined;
  let count = 0;
  return {
    add(given) {
      const action = `add sample ${count}`;
      const gradient = toTensor(given, action);
      if (running !== undefined && !sameShape(gradient.shape, shape)) {
        throw new ShapeError(
          `Cannot ${action}: the gradient must have shape ${formatShape(shape)}, got ${formatShape(gradient.shape)}`,
        );
      }
      const { data } = finiteTensor(gradient, 'the gradient', action);
      shape = gradient.shape;
      running ??= createRunningMean(sizeOf(shape));
      running.add(data);
      count++;
    },
    mean() {
      if (running === undefined) {
        throw new InputError('Cannot take the mean gradient: no sample was added; add at least one');
      }
      return fromData(running.values(), shape);
    },
  };
}

/**
 * SmoothGrad's map: max over channels of |mean gradient|, [C, H, W] (or [1, C, H, W]) → [H, W], float64.
 *
 * Units: logit per unit of the preprocessed image. The mean is taken before the absolute value.
 * @throws ShapeError for any other rank, a batch of several or an empty gradient; InputError for NaN or Infinity.
 * Source: Smilkov et al. 2017 (SmoothGrad), "Absolute value of gradients". Departure: the maximum over
 * channels is the convention of Simonyan et al. 2013, section 3.1; the paper does not fix one.
 * @example
 * toNested(smoothGradMap(tensor([[[1, -2]], [[-3, 0]]]))) // [[3, 2]]
 */
export function smoothGradMap(given: TensorLike): Tensor {
  const action = 'make the smoothgrad map';
  const gradient = toTensor(given, action);
  const single = gradient.shape.length === 4 && gradient.shape[0] === 1;
  if (gradient.shape.length !== 3 && !single) {
    throw new ShapeError(
      `Cannot ${action}: the gradient must have shape [C, H, W] or [1, C, H, W], got ${formatShape(gradient.shape)}`,
    );
  }
  const { data, shape } = finiteTensor(gradient, 'the gradient', action);
  const map = zeros(shape.slice(-2));
  const size = map.data.length;
  for (let i = 0; i < data.length; i++) {
    map.data[i % size] = Math.max(map.data[i % size], Math.abs(data[i]));
  }
  return map;
}

/** Why a SmoothGrad map is all zero and what to try; the only reason there is. */
export const emptySmoothGrad =
  'The smoothgrad map is all zero because the mean gradient of the logit is 0 at every pixel; try another --sigma, another --seed or another class.';
