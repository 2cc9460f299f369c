import type { Tensor } from '../tensor/tensor.ts';

/** A straight line between two points. */
export type Segment = readonly [x0: number, y0: number, x1: number, y1: number];

type Point = readonly [x: number, y: number];

/** Middles of the four sides of the square between the centres of four cells, from the corner that these share: left, top, right, bottom. */
const middles: Readonly<Record<string, Point>> = { l: [-0.5, 0], t: [0, -0.5], r: [0.5, 0], b: [0, 0.5] };

/** The share of the way to a corner that is left out where the outline turns: slanted edges are smoother, one cell is still nearly a square. */
const CUT = 0.5;

const towards = ([x, y]: Point): Point => [CUT * x, CUT * y];

/**
 * The ways of the outline past a corner, by the cells that are in: 1 upper left, 2 upper right, 4 lower left, 8 lower right. Cells that meet in
 * a corner belong together. Source: marching squares.
 */
const ways = '- lt tr lr lb tb lt,rb rb rb tr,lb tb lb lr tr lt -'.split(' ').map((all) =>
  all === '-'
    ? []
    : all.split(',').map(([from, to]) => {
        const [a, b] = [middles[from], middles[to]];
        return [a, towards(a), towards(b), b] as const;
      }),
);

/**
 * The outline of the cells above 0 of a mask [h, w], plain values, in its cells: along their edges, round the corners, and closed where the
 * mask ends.
 */
export function* maskOutline({ data, shape: [h, w] }: Tensor): Generator<Segment, void, undefined> {
  const isIn = (y: number, x: number) => Number(y >= 0 && x >= 0 && y < h && x < w && data[y * w + x] > 0);
  for (let y = 0; y <= h; y++) {
    for (let x = 0; x <= w; x++) {
      const which = isIn(y - 1, x - 1) + 2 * isIn(y - 1, x) + 4 * isIn(y, x - 1) + 8 * isIn(y, x);
      for (const way of ways[which]) {
        for (let i = 1; i < way.length; i++) {
          yield [x + way[i - 1][0], y + way[i - 1][1], x + way[i][0], y + way[i][1]];
        }
      }
    }
  }
}
