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
}

interface Taps {
  /** First source cell of each output cell. */
  readonly first: Int32Array;
  /** Weights of that cell and the following, for each output cell; they sum to 1. */
  readonly weights: readonly Float64Array[];
}

/**
 * Weights of a triangle from `source` cells to `target` cells, w(d) = max(0, 1 − |d| / support), at half-pixel centres.
 * Made smaller, the triangle is widened by the scale so that every source cell counts, as in Pillow and torchvision.
 */
function triangle(source: number, target: number, { start, length }: Span): Taps {
  const scale = source / length;
  const support = Math.max(1, scale);
  const first = new Int32Array(target);
  const weights: Float64Array[] = [];
  for (let i = 0; i < target; i++) {
    const centre = Math.min(source, Math.max(0, (i + 0.5 - start) * scale));
    const from = Math.max(0, Math.floor(centre - support + 0.5));
    const to = Math.min(source, Math.floor(centre + support + 0.5));
    const row = Float64Array.from({ length: to - from }, (_, k) =>
      Math.max(0, 1 - Math.abs((from + k + 0.5 - centre) / support)),
    );
    const total = row.reduce((sum, weight) => sum + weight, 0);
    first[i] = from;
    weights.push(row.map((weight) => weight / total));
  }
  return { first, weights };
}

function resampleRows({ width, height, data }: Plane, target: number, span: Span): Plane {
  const { first, weights } = triangle(width, target, span);
  const out = new Float64Array(target * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < target; x++) {
      const taps = weights[x];
      const start = y * width + first[x];
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k] * data[start + k];
      out[y * target + x] = sum;
    }
  }
  return { width: target, height, data: out };
}

function resampleColumns({ width, height, data }: Plane, target: number, span: Span): Plane {
  const { first, weights } = triangle(height, target, span);
  const out = new Float64Array(width * target);
  for (let y = 0; y < target; y++) {
    const taps = weights[y];
    for (let k = 0; k < taps.length; k++) {
      const start = (first[y] + k) * width;
      for (let x = 0; x < width; x++) out[y * width + x] += taps[k] * data[start + x];
    }
  }
  return { width, height: target, data: out };
}

/**
 * Bilinear resampling in floats, half-pixel centres, edges clamped, antialiased where it makes smaller: torchvision's
 * resize of float tensors with antialias=True. The same size is left as it is. With `place`, the plane comes to lie
 * there in the output, and its edges go on beyond.
 */
export function resample(plane: Plane, width: number, height: number, place?: Rectangle): Plane {
  const across = { start: place?.x ?? 0, length: place?.width ?? width };
  const down = { start: place?.y ?? 0, length: place?.height ?? height };
  const asItIs = (source: number, target: number, { start, length }: Span) =>
    source === target && start === 0 && length === target;
  const rows = asItIs(plane.width, width, across) ? plane : resampleRows(plane, width, across);
  return asItIs(plane.height, height, down) ? rows : resampleColumns(rows, height, down);
}

/** The cell that each centre falls into. */
export function resampleNearest({ width: w, height: h, data }: Plane, width: number, height: number): Plane {
  const out = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = Math.floor(((y + 0.5) * h) / height) * w;
    for (let x = 0; x < width; x++) out[y * width + x] = data[start + Math.floor(((x + 0.5) * w) / width)];
  }
  return { width, height, data: out };
}
