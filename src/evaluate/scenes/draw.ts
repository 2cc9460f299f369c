import type { Random } from '../../tensor/random.ts';

/** A number from low to high. */
export const between = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.uniform();

/** 0 up to one edge, 1 from the other on, smooth between. */
export function smoothStep(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Smooth noise −1 … 1 on the unit square: random values on a lattice of so many cells, interpolated. */
export function valueNoise(random: Random, cells: number): (x: number, y: number) => number {
  const side = cells + 2;
  const lattice = Float64Array.from({ length: side * side }, () => random.uniform() * 2 - 1);
  return (x, y) => {
    const [fx, fy] = [x * cells, y * cells];
    const [ix, iy] = [Math.floor(fx), Math.floor(fy)];
    const tx = smoothStep(0, 1, fx - ix);
    const ty = smoothStep(0, 1, fy - iy);
    const at = iy * side + ix;
    const upper = lattice[at] + (lattice[at + 1] - lattice[at]) * tx;
    const lower = lattice[at + side] + (lattice[at + side + 1] - lattice[at + side]) * tx;
    return upper + (lower - upper) * ty;
  };
}
