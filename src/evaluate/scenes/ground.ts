import { cosOf, sinOf } from '../../tensor/elementary/trigonometric.ts';
import type { Random } from '../../tensor/random.ts';
import { colourOf, type Scheme } from './colours.ts';
import { between, smoothStep, valueNoise } from './draw.ts';

/** How much of the second colour shows, 0 … 1, at a point of the unit square. */
type Pattern = (x: number, y: number) => number;

/** Distance to the nearest of the whole numbers. */
const toWhole = (x: number): number => Math.abs(x - Math.floor(x + 0.5));

function turned(random: Random): {
  across: (x: number, y: number) => number;
  along: (x: number, y: number) => number;
} {
  const angle = between(random, 0, Math.PI);
  const [cos, sin] = [cosOf(angle), sinOf(angle)];
  return { across: (x, y) => x * cos + y * sin, along: (x, y) => y * cos - x * sin };
}

function stripes(random: Random): Pattern {
  const { across } = turned(random);
  const count = between(random, 4, 13);
  const soft = between(random, 0.04, 0.12) * (count / 8);
  return (x, y) => smoothStep(0.25 - soft, 0.25 + soft, toWhole(across(x, y) * count));
}

function gingham(random: Random): Pattern {
  const { across, along } = turned(random);
  const count = between(random, 4, 9);
  const band = (t: number) => smoothStep(0.21, 0.29, toWhole(t * count));
  return (x, y) => (band(across(x, y)) + band(along(x, y))) / 2;
}

function dots(random: Random): Pattern {
  const { across, along } = turned(random);
  const count = between(random, 5, 11);
  const radius = between(random, 0.16, 0.3);
  return (x, y) => {
    const row = along(x, y) * count;
    const shift = Math.floor(row + 0.5) % 2 === 0 ? 0 : 0.5;
    const [dx, dy] = [toWhole(across(x, y) * count + shift), toWhole(row)];
    return 1 - smoothStep(radius - 0.06, radius + 0.06, Math.sqrt(dx * dx + dy * dy));
  };
}

function wood(random: Random): Pattern {
  const { across, along } = turned(random);
  const noise = valueNoise(random, 4);
  const count = between(random, 5, 12);
  const warp = between(random, 0.4, 1.4);
  return (x, y) => {
    const t = across(x, y) * count + warp * noise(x, y) + 0.3 * along(x, y);
    return smoothStep(0, 0.5, toWhole(t));
  };
}

/** Stones: cells around random points, each of its own tone. */
function terrazzo(random: Random): Pattern {
  const side = 5 + random.integer(5);
  const stones = Float64Array.from({ length: 3 * (side + 2) ** 2 }, () => random.uniform());
  return (x, y) => {
    const [cellX, cellY] = [Math.floor(x * side), Math.floor(y * side)];
    let nearest = 9;
    let second = 9;
    let tone = 0;
    for (let k = 0; k < 9; k++) {
      const [ix, iy] = [cellX + (k % 3), cellY + ((k / 3) | 0)];
      const at = 3 * (iy * (side + 2) + ix);
      const [dx, dy] = [ix - 1 + stones[at] - x * side, iy - 1 + stones[at + 1] - y * side];
      const distance = dx * dx + dy * dy;
      if (distance < nearest) {
        second = nearest;
        nearest = distance;
        tone = stones[at + 2];
      } else second = Math.min(second, distance);
    }
    return tone * smoothStep(0.03, 0.12, Math.sqrt(second) - Math.sqrt(nearest));
  };
}

function clouds(random: Random): Pattern {
  const coarse = valueNoise(random, 3);
  const middle = valueNoise(random, 7);
  const fine = valueNoise(random, 15);
  return (x, y) => 0.5 + 0.3 * coarse(x, y) + 0.2 * middle(x, y) + 0.1 * fine(x, y);
}

/** Waves one behind another, each a little farther in tone. */
function waves(random: Random): Pattern {
  const bands = 4 + random.integer(4);
  const bends = Array.from({ length: bands }, () => [
    between(random, 4, 14),
    between(random, 0, 6),
    between(random, 0.01, 0.05),
  ]);
  return (x, y) => {
    let depth = 0;
    for (const [b, [frequency, phase, height]] of bends.entries()) {
      const level = b / bands + height * sinOf(frequency * x + phase);
      depth += smoothStep(level - 0.008, level + 0.008, y);
    }
    return depth / bands;
  };
}

const patterns = [stripes, gingham, dots, wood, terrazzo, clouds, waves] as const;

/** A textured ground: planes of red, green and blue, 0 … 255. */
export function drawGround(random: Random, size: number, scheme: Scheme): Float64Array {
  const pattern = patterns[random.integer(patterns.length)](random);
  const base = colourOf(scheme.ground);
  const other = colourOf(scheme.near(random));
  const { across } = turned(random);
  const slope = between(random, 6, 26);
  const cloud = valueNoise(random, 2 + random.integer(4));
  const mottle = between(random, 2, 9);
  const planes = new Float64Array(3 * size * size);
  const plane = size * size;
  for (let at = 0; at < plane; at++) {
    const x = ((at % size) + 0.5) / size;
    const y = (Math.floor(at / size) + 0.5) / size;
    const share = pattern(x, y);
    const light = slope * (across(x, y) - 0.5) + mottle * cloud(x, y);
    for (let c = 0; c < 3; c++) planes[c * plane + at] = base[c] + (other[c] - base[c]) * share + light;
  }
  return planes;
}
