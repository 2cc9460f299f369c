/**
 * Pictures that the project makes for itself: one to four objects of one class on a busy ground, with their boxes. Colour,
 * size, tilt and ground are drawn apart from the class, so that only shape tells it.
 */
import { createRandom, type Random } from '../src/tensor/random.ts';
import { classNames, type Shape, shapes } from './shapes.ts';

/** Pixels x0 … x1 − 1, y0 … y1 − 1. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Scene {
  /** Bytes 0 … 255, [3, size, size], RGB planes. */
  readonly pixels: Uint8Array;
  readonly size: number;
  readonly classIndex: number;
  readonly boxes: readonly Box[];
}

type Colour = readonly [number, number, number];

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export const SCENE_SIZE = 64;
const SAMPLES = 3; // sub-pixels on a side

const between = (random: Random, low: number, high: number) => low + (high - low) * random.uniform();
const mix = (a: Colour, b: Colour, t: number): Colour =>
  [0, 1, 2].map((i) => a[i] + (b[i] - a[i]) * t) as unknown as Colour;
const luminance = ([r, g, b]: Colour) => 0.299 * r + 0.587 * g + 0.114 * b;

function drawColour(random: Random): Colour {
  return [between(random, 20, 240), between(random, 20, 240), between(random, 20, 240)];
}

/** A colour whose lightness stands off from the ground's. */
function contrasting(random: Random, ground: Colour): Colour {
  let colour = drawColour(random);
  while (Math.abs(luminance(colour) - luminance(ground)) < 60) colour = drawColour(random);
  return colour;
}

/** Smooth noise: random values on a coarse lattice, interpolated. */
function valueNoise(random: Random, cells: number): (x: number, y: number) => number {
  const lattice = Float64Array.from({ length: (cells + 2) ** 2 }, () => random.uniform() * 2 - 1);
  return (x, y) => {
    const [fx, fy] = [x * cells, y * cells];
    const [ix, iy] = [Math.floor(fx), Math.floor(fy)];
    const [tx, ty] = [fx - ix, fy - iy];
    const at = (dx: number, dy: number) => lattice[(iy + dy) * (cells + 2) + ix + dx];
    return (at(0, 0) * (1 - tx) + at(1, 0) * tx) * (1 - ty) + (at(0, 1) * (1 - tx) + at(1, 1) * tx) * ty;
  };
}

function ground(random: Random, size: number): { base: Colour; at: (x: number, y: number) => Colour } {
  const base = drawColour(random);
  const other = mix(base, drawColour(random), 0.35);
  const angle = between(random, 0, 2 * Math.PI);
  const noise = valueNoise(random, 3 + random.integer(5));
  const strength = between(random, 4, 16);
  const stripes = random.uniform() < 0.35 ? between(random, 4, 12) : 0;
  const frequency = between(random, 8, 30);
  const at = (x: number, y: number): Colour => {
    const [u, v] = [x / size, y / size];
    const along = u * Math.cos(angle) + v * Math.sin(angle);
    const shift = strength * noise(u, v) + stripes * Math.sin(along * frequency);
    const colour = mix(base, other, 0.5 + 0.5 * along);
    return [colour[0] + shift, colour[1] + shift, colour[2] + shift];
  };
  return { base, at };
}

function place(random: Random, size: number, count: number): Placed[] {
  const [low, high] = count <= 2 ? [0.14, 0.24] : [0.11, 0.165];
  const placed: Placed[] = [];
  for (let tries = 0; placed.length < count && tries < 400; tries++) {
    const radius = between(random, low, high) * size;
    const x = between(random, radius + 1, size - radius - 1);
    const y = between(random, radius + 1, size - radius - 1);
    if (placed.every((p) => Math.hypot(p.x - x, p.y - y) > p.radius + radius)) placed.push({ x, y, radius });
  }
  return placed;
}

interface Canvas {
  readonly size: number;
  readonly colours: Float64Array;
}

interface Paint {
  /** Nothing is painted farther than this from the centre. */
  readonly within: Placed;
  readonly colour: (x: number, y: number) => Colour;
  readonly opacity: number;
}

/** Paints the share of each pixel that a test covers; returns the box of what it painted. */
function paint({ size, colours }: Canvas, inside: Shape, { within, colour, opacity }: Paint): Box {
  const from = (centre: number) => Math.max(0, Math.floor(centre - within.radius));
  const to = (centre: number) => Math.min(size, Math.ceil(centre + within.radius) + 1);
  let box = { x0: size, y0: size, x1: 0, y1: 0 };
  for (let y = from(within.y); y < to(within.y); y++) {
    for (let x = from(within.x); x < to(within.x); x++) {
      let covered = 0;
      for (let s = 0; s < SAMPLES * SAMPLES; s++) {
        const px = x + ((s % SAMPLES) + 0.5) / SAMPLES;
        const py = y + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES;
        if (inside(px, py)) covered++;
      }
      if (covered === 0) continue;
      box = {
        x0: Math.min(box.x0, x),
        y0: Math.min(box.y0, y),
        x1: Math.max(box.x1, x + 1),
        y1: Math.max(box.y1, y + 1),
      };
      const share = (opacity * covered) / SAMPLES ** 2;
      const paintColour = colour(x, y);
      for (let c = 0; c < 3; c++) {
        const at = c * size * size + y * size + x;
        colours[at] += (paintColour[c] - colours[at]) * share;
      }
    }
  }
  return box;
}

function clutter(random: Random, canvas: Canvas, base: Colour): void {
  const marks = random.integer(5);
  for (let i = 0; i < marks; i++) {
    const colour = mix(base, drawColour(random), 0.6);
    const [x, y] = [between(random, 0, canvas.size), between(random, 0, canvas.size)];
    const angle = between(random, 0, Math.PI);
    const [length, width] =
      random.uniform() < 0.5 ? [between(random, 4, 14), 0.7] : [between(random, 1, 2.2), 2];
    const inside: Shape = (px, py) => {
      const along = (px - x) * Math.cos(angle) + (py - y) * Math.sin(angle);
      const across = (py - y) * Math.cos(angle) - (px - x) * Math.sin(angle);
      return Math.abs(along) < length && Math.abs(across) < width;
    };
    paint(canvas, inside, { within: { x, y, radius: 16 }, colour: () => colour, opacity: 0.8 });
  }
}

function paintObject(random: Random, canvas: Canvas, shape: Shape, at: Placed, base: Colour): Box {
  const tilt = between(random, -0.45, 0.45);
  const squeeze = between(random, 0.85, 1);
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  const within =
    (dx: number, dy: number): Shape =>
    (px, py) => {
      const [x, y] = [(px - at.x - dx) / at.radius, (py - at.y - dy) / at.radius];
      return Math.hypot(x, y) < 1.5 && shape((x * cos + y * sin) / squeeze, y * cos - x * sin);
    };
  const colour = contrasting(random, base);
  const shade = between(random, -30, 30);
  const stripe = random.uniform() < 0.3 ? 18 : 0;
  const reach = { ...at, radius: 1.5 * at.radius + 2 };
  paint(canvas, within(1.2, 1.5), { within: reach, colour: () => [0, 0, 0], opacity: 0.25 });
  const shaded = (x: number, y: number): Colour => {
    const shift = (shade * (y - at.y)) / at.radius + stripe * Math.sin((x + y) * 1.1);
    return [colour[0] + shift, colour[1] + shift, colour[2] + shift];
  };
  return paint(canvas, within(0, 0), { within: reach, colour: shaded, opacity: 1 });
}

/**
 * The scene of a seed: the same pixels everywhere.
 * @example
 * createScene(7).boxes.length // one to four
 */
export function createScene(
  seed: number,
  { classIndex, count }: { classIndex?: number; count?: number } = {},
): Scene {
  const random = createRandom(seed, 0x5ce7e);
  const size = SCENE_SIZE;
  const drawnClass = random.integer(classNames.length);
  const drawnCount = 1 + random.integer(4);
  const chosen = classIndex ?? drawnClass;
  const canvas: Canvas = { size, colours: new Float64Array(3 * size * size) };
  const { base, at } = ground(random, size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const colour = at(x, y);
      for (let c = 0; c < 3; c++) canvas.colours[c * size * size + y * size + x] = colour[c];
    }
  }
  clutter(random, canvas, base);
  const shape = shapes[classNames[chosen]];
  const boxes = place(random, size, count ?? drawnCount).map((placed) =>
    paintObject(random, canvas, shape, placed, base),
  );
  const pixels = Uint8Array.from(canvas.colours, (value) =>
    Math.round(Math.min(255, Math.max(0, value + 3 * random.normal()))),
  );
  return { pixels, size, classIndex: chosen, boxes };
}
