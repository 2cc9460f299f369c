import { indexOfLargest } from '../../tensor/largest.ts';
import type { Mask, MaskMetric, Relevance } from './metric.ts';

/** Pixels that a point may be beside a mask, where the shorter side is 224. */
const TOLERANCE = 15;
const SIDE = 224;

/** Whether the map's brightest pixel lies within the tolerance of a mask. */
function isHit(map: Relevance, masks: readonly Mask[]): boolean {
  const { height, width, data } = map;
  const reach = (TOLERANCE * Math.min(height, width)) / SIDE;
  const point = indexOfLargest(data);
  const [y, x] = [Math.floor(point / width), point % width];
  const whole = Math.floor(reach);
  for (let row = Math.max(0, y - whole); row <= Math.min(height - 1, y + whole); row++) {
    for (let column = Math.max(0, x - whole); column <= Math.min(width - 1, x + whole); column++) {
      const isNear = (row - y) ** 2 + (column - x) ** 2 <= reach ** 2;
      if (isNear && masks.some((mask) => mask[row * width + column] !== 0)) return true;
    }
  }
  return false;
}

/**
 * Pointing game: 1 where the brightest pixel, the first of equals in row-major order, lies within 15 px (at a shorter side of 224, scaled
 * with it) of the mask of any occurrence, else 0.
 *
 * Source: Zhang et al. 2018 (Excitation Backprop), section 4.1, with the tolerance of TorchRay. Quantus counts a hit for any pixel that equals the
 * maximum, so that a constant map scores 100 %.
 */
export const pointingGame: MaskMetric = {
  title: 'pointing game',
  needs: 'masks',
  better: 'more',
  worst: 0,
  isDefault: true,
  definition: 'Share of maps whose brightest pixel is within 15 px (at 224) of an occurrence.',
  measure: (map, masks) => Number(isHit(map, masks)),
};
