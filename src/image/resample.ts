import type { Rectangle } from './picture.ts';

/** A plane of values, row-major. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array | Float64Array;
}

/** Where in the output the whole source lies: its first cell's edge and its length, in output cells. */
interface Span {
  readonly start: number;
  readonly length: number;
  readonly bump: Bump;
}

/** What one output cell is made of along one axis. */
interface Taps {
  /** First source cell. */
  readonly first: number;
  /** Weights of that cell and the following; they sum to 1. */
  readonly weights: Float64Array;
}

/** A bump around an output cell: how far it reaches, and its height at a distance of at least 0. */
interface Bump {
  readonly reach: number;
  height(distance: number): number;
}

/** Slope of the cubic where it leaves the neighbouring cell: that of Pillow, and of torchvision where it antialiases. */
const SLOPE = -0.5;

/** Ways to weigh source cells, by the names that they have in preprocessing. */
export const bumps = {
  /** w(d) = max(0, 1 − d) */
  bilinear: { reach: 1, height: (d) => Math.max(0, 1 - d) },
  /** Keys' cubic: 1 at 0, and 0 at 1 and from 2 on; below 0 in between, so values may leave their range. */
  bicubic: {
    reach: 2,
    height: (d) =>
      d < 1 ? ((SLOPE + 2) * d - (SLOPE + 3)) * d * d + 1 : d < 2 ? (((d - 5) * d + 8) * d - 4) * SLOPE : 0,
  },
} as const satisfies Readonly<Record<string, Bump>>;

/**
 * Weights of a bump around an output cell, at half-pixel centres. Made smaller, the bump is widened by the scale so that every source cell
 * counts, as in Pillow and torchvision.
 */
function tapsOf(source: number, cell: number, { start, length, bump }: Span): Taps {
  const scale = source / length;
  const width = Math.max(1, scale);
  const support = bump.reach * width;
  const centre = Math.min(source, Math.max(0, (cell + 0.5 - start) * scale));
  const first = Math.max(0, Math.floor(centre - support + 0.5));
  const weights = new Float64Array(Math.min(source, Math.floor(centre + support + 0.5)) - first);
  let total = 0;
  for (let k = 0; k < weights.length; k++) {
    weights[k] = bump.height(Math.abs((first + k + 0.5 - centre) / width));
    total += weights[k];
  }
  for (let k = 0; k < weights.length; k++) weights[k] /= total;
  return { first, weights };
}

/** Of `count` output cells from `first` on. */
function tapsFrom(source: number, span: Span, [first, count]: readonly [number, number]): Taps[] {
  return Array.from({ length: count }, (_, i) => tapsOf(source, first + i, span));
}

const endOf = ({ first, weights }: Taps) => first + weights.length;

/** One row: line_i = Σ_k w_i,k row_(first_i + k). */
function resampleLine(
  line: Float64Array,
  data: Plane['data'],
  start: number,
  columns: readonly Taps[],
): void {
  for (let i = 0; i < line.length; i++) {
    const { first, weights } = columns[i];
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum += weights[k] * data[start + first + k];
    line[i] = sum;
  }
}

/** Each source row is resampled once, and added to the output rows that it counts for: no picture in between is kept. */
function resampleRows({ width, data }: Plane, columns: readonly Taps[], rows: readonly Taps[]): Float64Array {
  const line = new Float64Array(columns.length);
  const out = new Float64Array(rows.length * columns.length);
  let low = 0;
  for (let row = rows[0].first; row < endOf(rows[rows.length - 1]); row++) {
    resampleLine(line, data, row * width, columns);
    while (endOf(rows[low]) <= row) low++;
    for (let j = low; j < rows.length && rows[j].first <= row; j++) {
      const weight = rows[j].weights[row - rows[j].first];
      const to = j * line.length;
      for (let i = 0; i < line.length; i++) out[to + i] += weight * line[i];
    }
  }
  return out;
}

/** What a plane is resampled to. */
export interface Target {
  readonly width: number;
  readonly height: number;
  /** Where in the output the plane comes to lie, its edges going on beyond; all of it unless given. */
  readonly place?: Rectangle | undefined;
  /** The cells of the output that are wanted; all of them unless given. */
  readonly window?: Rectangle | undefined;
}

const isAll = ({ width, height }: Target, part: Rectangle | undefined) =>
  part === undefined || (part.x === 0 && part.y === 0 && part.width === width && part.height === height);

/**
 * Bilinear or bicubic resampling in floats, half-pixel centres, edges clamped, antialiased where it makes smaller: torchvision's
 * resize of float tensors with antialias=True. The same size is left as it is. Cells outside the window cost nothing.
 */
export function resample(plane: Plane, target: Target, bump: Bump = bumps.bilinear): Plane {
  const { width, height, place, window = { x: 0, y: 0, width, height } } = target;
  const same = plane.width === width && plane.height === height;
  if (same && isAll(target, place) && isAll(target, window)) return plane;
  const across = { start: place?.x ?? 0, length: place?.width ?? width, bump };
  const down = { start: place?.y ?? 0, length: place?.height ?? height, bump };
  const columns = tapsFrom(plane.width, across, [window.x, window.width]);
  const rows = tapsFrom(plane.height, down, [window.y, window.height]);
  return { width: window.width, height: window.height, data: resampleRows(plane, columns, rows) };
}

/** The cell that each centre falls into. */
export function resampleNearest({ width: w, height: h, data }: Plane, target: Target): Plane {
  const { width, height, window = { x: 0, y: 0, width, height } } = target;
  const out = new Float64Array(window.width * window.height);
  for (let j = 0, at = 0; j < window.height; j++) {
    const start = Math.floor(((window.y + j + 0.5) * h) / height) * w;
    for (let i = 0; i < window.width; i++) {
      out[at++] = data[start + Math.floor(((window.x + i + 0.5) * w) / width)];
    }
  }
  return { width: window.width, height: window.height, data: out };
}
