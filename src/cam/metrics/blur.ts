import { expOf } from '../../tensor/elementary/exponential.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';

/** Weights of a Gaussian at −reach … reach. */
function gaussian(std: number): Float64Array {
  const reach = Math.ceil(3 * std);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    expOf(-((i - reach) ** 2) / (2 * std * std)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** A line of values every `stride`, from `start` on, smoothed; beyond its ends the last values go on. */
function smoothLine(
  data: Float64Array,
  { start, stride, length }: { start: number; stride: number; length: number },
  weights: Float64Array,
): void {
  const line = Float64Array.from({ length }, (_, i) => data[start + i * stride]);
  const reach = (weights.length - 1) / 2;
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (let k = -reach; k <= reach; k++) {
      sum += weights[k + reach] * line[Math.min(length - 1, Math.max(0, i + k))];
    }
    data[start + i * stride] = sum;
  }
}

/** A picture [1, C, H, W] behind a Gaussian of 10 px at a shorter side of 224, scaled with it. */
export function blurred(input: Tensor): Tensor {
  const [, channels, height, width] = input.shape;
  const data = Float64Array.from(contiguous(input).data);
  const weights = gaussian((10 * Math.min(height, width)) / 224);
  for (let c = 0; c < channels; c++) {
    const start = c * height * width;
    for (let y = 0; y < height; y++)
      smoothLine(data, { start: start + y * width, stride: 1, length: width }, weights);
    for (let x = 0; x < width; x++)
      smoothLine(data, { start: start + x, stride: width, length: height }, weights);
  }
  return fromData(Float32Array.from(data), input.shape);
}
