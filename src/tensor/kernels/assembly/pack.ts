/** A matrix that was computed, as the panels of eight columns that a product reads. */

@unmanaged
export class Pack {
  input: usize;
  /** [batch][⌈columns / 8⌉][depth][8]. */
  output: usize;
  /** Rows of the matrix, and those of a panel: the others are zeros. */
  rows: i32;
  depth: i32;
  columns: i32;
  /** Bytes from row to row and from column to column. */
  rowBytes: i32;
  columnBytes: i32;
  /** Matrices lie in two loops, the inner of so many. */
  inner: i32;
  innerBytes: i32;
  outerBytes: i32;
}

/** A chunk is one panel. */
export function pack(p: Pack, chunk: i32): void {
  const panels = (p.columns + 7) >> 3;
  const batch = chunk / panels;
  const panel = chunk - batch * panels;
  const outer = batch / p.inner;
  const count = min(8, p.columns - panel * 8);
  const from =
    p.input + outer * p.outerBytes + (batch - outer * p.inner) * p.innerBytes + panel * 8 * p.columnBytes;
  let out = p.output + <usize>(chunk * p.depth) * 32;
  const end = out + <usize>p.depth * 32;
  let row = from;
  for (let k = 0; k < p.rows; k++) {
    if (count == 8 && p.columnBytes == 4) {
      v128.store(out, v128.load(row));
      v128.store(out, v128.load(row, 16), 16);
    } else {
      let at = row;
      for (let j = 0; j < 8; j++) {
        store<f32>(out + <usize>j * 4, j < count ? load<f32>(at) : 0);
        at += p.columnBytes;
      }
    }
    row += p.rowBytes;
    out += 32;
  }
  memory.fill(out, 0, end - out);
}
