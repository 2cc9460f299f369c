import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import type { Method } from './method.ts';

/** Values of a map of single pixels that are drawn apart; those above are outliers. */
export const PIXEL_PERCENTILE = 99;

/** Between the two nearest values, as NumPy's percentile does. */
function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/**
 * The value of a raw map that is drawn brightest: its maximum (of a signed map that of the absolute values), or the 99th percentile for maps of single pixels, a few of which outshine
 * all others. The maximum where that is 0.
 * Source: Smilkov et al. 2017 (SmoothGrad), section 3.1, "Capping outlying values".
 */
export function brightestOf(raw: Tensor, look: Method['look']): number {
  const { data } = contiguous(raw);
  const capped = look === 'pixels' && data.length > 0 ? percentile(data, PIXEL_PERCENTILE) : 0;
  if (capped > 0) return capped;
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

/** A raw map as it is drawn, 0 … 1, or −1 … 1, and beyond: raw / upTo. */
export function scaledMap(raw: Tensor, upTo: number): Tensor {
  const data = Float64Array.from(contiguous(raw).data, (value) => (value === 0 ? 0 : value / upTo));
  return fromData(data, raw.shape);
}
