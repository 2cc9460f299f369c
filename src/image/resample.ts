/** A plane of values, row-major. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array | Float64Array;
}

interface Taps {
  /** First source cell and weights of each output cell. */
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

/**
 * Weights of a triangle filter from `source` cells to `target` cells, half-pixel centres; widened by the scale when
 * shrinking, so that every source cell counts (as Pillow and torchvision with antialias do).
 */
function triangle(source: number, target: number): Taps {
  const scale = source / target;
  const support = Math.max(1, scale);
  const first = new Int32Array(target);
  const weights: Float64Array[] = [];
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
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

function alongRows({ width, height, data }: Plane, target: number): Plane {
  const { first, weights } = triangle(width, target);
  const out = new Float64Array(target * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < target; x++) {
      const row = weights[x];
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k] * data[y * width + first[x] + k];
      out[y * target + x] = sum;
    }
  }
  return { width: target, height, data: out };
}

function turned({ width, height, data }: Plane): Plane {
  const out = new Float64Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x];
  return { width: height, height: width, data: out };
}

/** Bilinear resampling with antialiasing when shrinking; edges clamped. The same size is left as it is. */
export function resample(plane: Plane, width: number, height: number): Plane {
  if (plane.width === width && plane.height === height) return plane;
  return turned(alongRows(turned(alongRows(plane, width)), height));
}

/** The nearest cell to each centre. */
export function resampleNearest({ width: w, height: h, data }: Plane, width: number, height: number): Plane {
  const out = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      out[y * width + x] =
        data[Math.floor(((y + 0.5) * h) / height) * w + Math.floor(((x + 0.5) * w) / width)];
    }
  }
  return { width, height, data: out };
}
