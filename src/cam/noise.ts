import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { createRandom } from '../tensor/random.ts';
import {
  allocate,
  contiguous,
  type DType,
  fromData,
  type Tensor,
  type TensorLike,
  toTensor,
} from '../tensor/tensor.ts';
import { finiteTensor } from './finite.ts';

const action = 'add noise';

/** No normal number is farther out: they come of 53 bits. */
const FARTHEST = 9;

const largestFinite: Readonly<Record<DType, number>> = {
  float32: (2 - 2 ** -23) * 2 ** 127,
  float64: Number.MAX_VALUE,
};

/**
 * Standard deviation of the noise, σ · (max − min), over all channels of one preprocessed image.
 *
 * Units: those of the preprocessed image. 0 for a constant image.
 * @throws InputError when σ is negative, not finite or so large that noisy values overflow the image's precision, or the image is
 * empty or not finite.
 * Source: Smilkov et al. 2017 (SmoothGrad), "Effect of noise level and sample size": σ relative to x_max − x_min.
 */
export function noiseStdOf(x: Tensor, sigma: number): number {
  if (!(sigma >= 0) || sigma === Number.POSITIVE_INFINITY) {
    throw new InputError(`Cannot ${action}: sigma must be a finite number of at least 0, got ${sigma}`);
  }
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of finiteTensor(x, 'the image', action).data) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const std = sigma * (most - least);
  if (Math.max(most, -least) + FARTHEST * std <= largestFinite[x.dtype]) return std;
  throw new InputError(
    `Cannot ${action}: noise of sigma ${sigma} overflows ${x.dtype}, the image's values go from ${least} to ${most}; give a smaller sigma`,
  );
}

/** Which noise: how strong, and which of its samples. */
export interface NoiseOptions {
  /** Noise relative to the image's range. */
  readonly sigma: number;
  readonly seed: number;
  /** Index of the sample, from 0. */
  readonly sample: number;
}

function checkIndex(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new InputError(`Cannot ${action}: ${name} must be a whole number of at least 0, got ${value}`);
  }
}

/** `noisyInput` of one image, as a function of the sample: the image is looked at once. */
export function noiseOn(
  x: Tensor,
  { sigma, seed }: Omit<NoiseOptions, 'sample'>,
): (sample: number) => Tensor {
  checkIndex('seed', seed);
  const std = noiseStdOf(x, sigma);
  const { data, shape } = contiguous(x);
  return (sample) => {
    checkIndex('sample', sample);
    if (std === 0) return x;
    const random = createRandom(seed, sample);
    const noisy = allocate(data.length, x.dtype);
    for (let i = 0; i < data.length; i++) noisy[i] = data[i] + std * random.normal();
    return fromData(noisy, shape);
  };
}

/**
 * x + N(0, (σ·(max − min))²), entry by entry in row-major order, not clipped; of x's shape and dtype. x itself for
 * σ = 0 and for a constant image.
 *
 * The noise depends on (seed, sample) only: 50 samples extend 25. One image at a time ([C, H, W] or [1, C, H, W]), as
 * the range is that image's.
 * @throws InputError when σ, seed or sample is out of range, or the image is not finite.
 * Source: Smilkov et al. 2017 (SmoothGrad), the equation of "Smoothing noisy gradients".
 * @example
 * const x = tensor([[[0, 1], [2, 3]]]);
 * noisyInput(x, { sigma: 0, seed: 0, sample: 0 }) // [[[0, 1], [2, 3]]]
 * noisyInput(x, { sigma: 0.1, seed: 0, sample: 3 }).shape // [1, 2, 2]
 */
export function noisyInput(x: TensorLike, options: NoiseOptions): Tensor {
  checkOptions(options ?? null, { sigma: 'number', seed: 'number', sample: 'number' }, action);
  return noiseOn(toTensor(x, action), options)(options.sample);
}
