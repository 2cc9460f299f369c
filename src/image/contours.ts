import type { Picture } from './picture.ts';
import type { Plane } from './resample.ts';

/**
 * Where contours are drawn: at a quarter, a half and three quarters of what is drawn brightest.
 * @example
 * contourLevels // [0.25, 0.5, 0.75]
 */
export const contourLevels: readonly number[] = [0.25, 0.5, 0.75];

const WHITE = 255;
const DARK = 20;
const OPACITY = 0.95;
/** Pixels of the dark rim on both sides, by which a line is seen on bright ground. */
const RIM = 1;
const RIM_OPACITY = 0.45;

/** How much of a pixel a line of this half width covers, whose middle is `distance` pixels away. */
const coverage = (distance: number, half: number) => Math.min(1, Math.max(0, half + 0.5 - distance));

function mix(data: Uint8Array, at: number, { gray, share }: { gray: number; share: number }): void {
  for (let c = 0; c < 3; c++) data[at + c] = Math.round(data[at + c] + (gray - data[at + c]) * share);
}

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
  const half = Math.max(0.5, Math.max(width, height) / 700);
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
      if (slope === 0 || distance >= half + RIM + 0.5 || !isDrawn(x, y)) continue;
      mix(data, 4 * i, { gray: DARK, share: RIM_OPACITY * coverage(distance, half + RIM) });
      mix(data, 4 * i, { gray: WHITE, share: OPACITY * coverage(distance, half) });
    }
  }
}
