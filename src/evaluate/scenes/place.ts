import { cosOf, sinOf } from '../../tensor/elementary/trigonometric.ts';
import type { Random } from '../../tensor/random.ts';
import { between } from './draw.ts';

/** Centre and radius, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Least and largest radius by the number of objects, as shares of the picture's side. */
const RADII: readonly (readonly [number, number])[] = [
  [0.11, 0.27],
  [0.1, 0.22],
  [0.095, 0.19],
  [0.09, 0.165],
];
const TRIES = 60;
/** Of pixels between two discs at the least, and between neighbours that stand close together at the most. */
const GAP = 1.5;
const CLOSE = 7;
/** Radii that the farthest corner of a shape is from its centre. */
const MARGIN = 1.16;

function drawPlace(
  random: Random,
  size: number,
  [low, high]: readonly [number, number],
  placed: readonly Place[],
): Place {
  const radius = between(random, low, high) * size;
  const isClose = placed.length > 0 && random.uniform() < 0.45;
  if (!isClose) {
    const edge = MARGIN * radius + 1;
    return { x: between(random, edge, size - edge), y: between(random, edge, size - edge), radius };
  }
  const beside = placed[random.integer(placed.length)];
  const distance = MARGIN * (radius + beside.radius) + between(random, GAP, CLOSE);
  const angle = between(random, 0, 2 * Math.PI);
  return { x: beside.x + distance * cosOf(angle), y: beside.y + distance * sinOf(angle), radius };
}

/** So many discs inside a picture, apart from each other; some stand close together, some do not. */
export function placeApart(random: Random, size: number, count: number): Place[] {
  let [low, high] = RADII[count - 1];
  for (;;) {
    const placed: Place[] = [];
    for (let tries = 0; placed.length < count && tries < TRIES; tries++) {
      const next = drawPlace(random, size, [low, high], placed);
      const edge = MARGIN * next.radius + 1;
      const isInside = [next.x, next.y].every((at) => at >= edge && at <= size - edge);
      const isApart = placed.every(({ x, y, radius }) => {
        const reach = MARGIN * (radius + next.radius) + GAP;
        return (x - next.x) ** 2 + (y - next.y) ** 2 >= reach * reach;
      });
      if (isInside && isApart) placed.push(next);
    }
    if (placed.length === count) return placed;
    high = low + (high - low) * 0.8; // smaller ones fit
  }
}
