/** Matrix products in float64, for derivatives. */

/** Panels of four rows and four columns interleaved by depth, as the reference kernels pack them. */
@unmanaged
export class Panels {
  left: usize;
  right: usize;
  output: usize;
  rows: i32;
  columns: i32;
  depth: i32;
  outputRowBytes: i32;
  /** Columns of one chunk, a multiple of 4. */
  block: i32;
}

/** Rows and depths that are taken at a time: a block of the left factor stays in the second-level cache, a panel of the right in the first. */
const ROWS = 64;
const DEPTH = 256;

/** A tile of 4 × 4 sums goes on over `depth` ≥ 1 further terms. Exported, so that it stays a function of its own. */
export function addProducts(a: usize, b: usize, depth: i32, out: usize, step: usize): void {
  const line1 = out + step;
  const line2 = line1 + step;
  const line3 = line2 + step;
  let c00 = v128.load(out);
  let c01 = v128.load(out, 16);
  let c10 = v128.load(line1);
  let c11 = v128.load(line1, 16);
  let c20 = v128.load(line2);
  let c21 = v128.load(line2, 16);
  let c30 = v128.load(line3);
  let c31 = v128.load(line3, 16);
  const end = a + <usize>depth * 32;
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load64_splat(a);
    c00 = f64x2.add(f64x2.mul(b0, x0), c00);
    c01 = f64x2.add(f64x2.mul(b1, x0), c01);
    const x1 = v128.load64_splat(a, 8);
    c10 = f64x2.add(f64x2.mul(b0, x1), c10);
    c11 = f64x2.add(f64x2.mul(b1, x1), c11);
    const x2 = v128.load64_splat(a, 16);
    c20 = f64x2.add(f64x2.mul(b0, x2), c20);
    c21 = f64x2.add(f64x2.mul(b1, x2), c21);
    const x3 = v128.load64_splat(a, 24);
    c30 = f64x2.add(f64x2.mul(b0, x3), c30);
    c31 = f64x2.add(f64x2.mul(b1, x3), c31);
    a += 32;
    b += 32;
  } while (a < end);
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(line1, c10);
  v128.store(line1, c11, 16);
  v128.store(line2, c20);
  v128.store(line2, c21, 16);
  v128.store(line3, c30);
  v128.store(line3, c31, 16);
}

/** out[i, j] += Σ_k left[i, k] · right[k, j], k in order; out has room for whole tiles of 4 × 4. */
export function multiplyPanels(p: Panels, chunk: i32, _thread: i32): void {
  const first = chunk * p.block;
  const end = min(first + p.block, p.columns);
  const panel = <usize>p.depth * 32;
  const step = <usize>p.outputRowBytes;
  for (let k = 0; k < p.depth; k += DEPTH) {
    const depth = min(DEPTH, p.depth - k);
    const deep = <usize>k * 32;
    for (let top = 0; top < p.rows; top += ROWS) {
      const bottom = min(top + ROWS, p.rows);
      for (let column = first; column < end; column += 4) {
        const b = p.right + <usize>(column >> 2) * panel + deep;
        for (let row = top; row < bottom; row += 4) {
          const a = p.left + <usize>(row >> 2) * panel + deep;
          addProducts(a, b, depth, p.output + <usize>row * step + <usize>column * 8, step);
        }
      }
    }
  }
}
