import type { Rgb } from './colormap.ts';
import type { Picture } from './picture.ts';
import type { Plane } from './resample.ts';
import { reachOf, strokePixel } from './stroke.ts';

/**
 * Where contours are drawn: at a quarter, a half and three quarters of what is drawn brightest.
 * @example
 * contourLevels // [0.25, 0.5, 0.75]
 */
export const contourLevels: readonly number[] = [0.25, 0.5, 0.75];

const WHITE: Rgb = [255, 255, 255];
const RIM = { width: 1, opacity: 0.45 };

/**
 * Draws the lines on which a plane of the picture's size has one of these values, white within a dark rim, where `isDrawn` holds. The
 * distance of a pixel from such a line is, to first order, |value − level| / |slope|.
 */
export function drawContours(
  { width, height, data }: Picture,
  plane: Plane,
  { levels, isDrawn }: { readonly levels: readonly number[]; isDrawn(x: number, y: number): boolean },
): void {
  const values = plane.data;
  const stroke = { colour: WHITE, half: Math.max(0.5, Math.max(width, height) / 700), rim: RIM };
  const reach = reachOf(stroke);
  for (let y = 0; y < height; y++) {
    const [up, down] = [Math.max(0, y - 1), Math.min(height - 1, y + 1)];
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
      const i = y * width + x;
      const dx = (values[y * width + right] - values[y * width + left]) / Math.max(1, right - left);
      const dy = (values[down * width + x] - values[up * width + x]) / Math.max(1, down - up);
      const slope = Math.sqrt(dx * dx + dy * dy);
      let apart = Number.POSITIVE_INFINITY;
      for (const level of levels) apart = Math.min(apart, Math.abs(values[i] - level));
      const distance = apart / slope;
      if (slope === 0 || distance >= reach || !isDrawn(x, y)) continue;
      strokePixel(data, 4 * i, { ...stroke, distance });
    }
  }
}
