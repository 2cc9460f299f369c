import type { Colour } from './colours.ts';
import type { Figure } from './distance.ts';
import { smoothStep } from './draw.ts';

/** A figure on the picture: where it stands, how it is turned, and its colours. */
export interface Mark {
  readonly figure: Figure;
  /** Its centre and the radius of its unit disc, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Cosine and sine of its tilt. */
  readonly turn: readonly [cos: number, sin: number];
  /** Its width over its height; negative where it is mirrored. */
  readonly stretch: number;
  /** Colours at its top and at its bottom. */
  readonly colours: readonly [Colour, Colour];
  /** How dark its shadow is, 0 … 1. */
  readonly shadow: number;
  /** How dark its rim is, 0 … 1. */
  readonly rim: number;
}

/** Radii that a figure reaches from its centre at the most: the corners of its square. */
const REACH = 1.25;

/** Pixels from the first to before the last that lie within a reach of a centre. */
function span(centre: number, reach: number, size: number): [number, number] {
  return [Math.max(0, Math.floor(centre - reach)), Math.min(size, Math.ceil(centre + reach) + 1)];
}

/** Calls for each pixel of a mark's surroundings with the distance of its centre from the mark's outline, in pixels, below 0 inside. */
function scan(
  mark: Mark,
  [size, reach]: readonly [number, number],
  each: (at: number, distance: number, row: number) => void,
): void {
  const { figure, radius, stretch } = mark;
  const [cos, sin] = mark.turn;
  const [top, bottom] = span(mark.y, reach, size);
  const [left, right] = span(mark.x, reach, size);
  const squeeze = Math.min(1, Math.abs(stretch));
  for (let row = top; row < bottom; row++) {
    const dy = row + 0.5 - mark.y;
    for (let column = left; column < right; column++) {
      const dx = column + 0.5 - mark.x;
      // Nothing of a mark, nor of its shadow, is in the corners.
      if (dx * dx + dy * dy > reach * reach) continue;
      const u = (dx * cos + dy * sin) / radius;
      const v = (dy * cos - dx * sin) / radius;
      each(row * size + column, figure(u / stretch, v) * radius * squeeze, row);
    }
  }
}

/** 1 for each pixel whose centre lies in a mark. */
export function maskOf(mark: Mark, size: number): Uint8Array {
  const mask = new Uint8Array(size * size);
  scan(mark, [size, REACH * mark.radius + 2], (at, distance) => {
    if (distance <= 0) mask[at] = 1;
  });
  return mask;
}

/** Darkens what lies below and to the right of a mark, on planes of red, green and blue. */
export function paintShadow(planes: Float64Array, mark: Mark, size: number): void {
  const { radius, shadow } = mark;
  const plane = size * size;
  const soft = 1 + 0.08 * radius;
  const cast = { ...mark, x: mark.x + 0.07 * radius, y: mark.y + 0.13 * radius };
  scan(cast, [size, REACH * radius + 2 * soft], (at, distance) => {
    const kept = 1 - shadow * (1 - smoothStep(-soft, soft, distance));
    planes[at] *= kept;
    planes[plane + at] *= kept;
    planes[2 * plane + at] *= kept;
  });
}

/** Paints a mark on planes of red, green and blue: half of a pixel where its outline crosses the centre. */
export function paintMark(planes: Float64Array, mark: Mark, size: number): void {
  const { radius, rim } = mark;
  const [top, bottom] = mark.colours;
  const plane = size * size;
  scan(mark, [size, REACH * radius + 2], (at, distance, row) => {
    const share = Math.min(1, Math.max(0, 0.5 - distance));
    if (share === 0) return;
    const down = Math.min(1, Math.max(0, 0.5 + (row + 0.5 - mark.y) / (2 * radius)));
    const light = 1 - rim * smoothStep(-2, 0, distance);
    for (let c = 0; c < 3; c++) {
      const colour = light * (top[c] + (bottom[c] - top[c]) * down);
      planes[c * plane + at] += (colour - planes[c * plane + at]) * share;
    }
  });
}
