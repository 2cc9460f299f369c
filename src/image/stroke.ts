import type { Rgb } from './colormap.ts';

const DARK: Rgb = [20, 20, 20];
const OPACITY = 0.95;

/** A line drawn on a picture, with a dark rim on both sides, by which it is seen on bright ground. */
export interface Stroke {
  readonly colour: Rgb;
  /** Half of its width in pixels, without the rim. */
  readonly half: number;
  readonly rim: { readonly width: number; readonly opacity: number };
}

/** How far from a line's middle pixels are touched by it. */
export const reachOf = ({ half, rim }: Pick<Stroke, 'half' | 'rim'>) => half + rim.width + 0.5;

/** How much of a pixel a line of this half width covers, whose middle is `distance` pixels away. */
const coverage = (distance: number, half: number) => Math.min(1, Math.max(0, half + 0.5 - distance));

function mix(data: Uint8Array, at: number, { colour, share }: { colour: Rgb; share: number }): void {
  for (let c = 0; c < 3; c++) data[at + c] = Math.round(data[at + c] + (colour[c] - data[at + c]) * share);
}

/** Draws a line on the pixel whose bytes begin at `at`, the line's middle being `distance` pixels from its own. */
export function strokePixel(
  data: Uint8Array,
  at: number,
  { distance, colour, half, rim }: Stroke & { readonly distance: number },
): void {
  mix(data, at, { colour: DARK, share: rim.opacity * coverage(distance, half + rim.width) });
  mix(data, at, { colour, share: OPACITY * coverage(distance, half) });
}
