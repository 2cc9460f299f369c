/** Products of sparse matrices with one axis of a value: gathering, padding, resizing, sums along an axis, and all their ways back. */

@unmanaged
export class Mix {
  input: usize;
  output: usize;
  /** Where the entries of each output's row begin; one more than there are outputs. */
  starts: usize;
  /** Inputs of the entries, and what they are multiplied with. */
  columns: usize;
  factors: usize;
  outputs: i32;
  /** Bytes that lie side by side behind each index of the axis, a multiple of 16. */
  bytes: i32;
  inputOuterBytes: i32;
  inputAxisBytes: i32;
}

/** A chunk is one output of the axis at one place of the axes before it. */
export function mix(p: Mix, chunk: i32): void {
  const outer = chunk / p.outputs;
  const o = chunk - outer * p.outputs;
  const first = load<i32>(p.starts + <usize>o * 4);
  const end = load<i32>(p.starts + <usize>o * 4, 4);
  const base = p.input + <usize>outer * p.inputOuterBytes;
  const out = p.output + <usize>chunk * p.bytes;
  for (let c: usize = 0; c < <usize>p.bytes; c += 16) {
    let sum = f32x4.splat(0);
    for (let e = first; e < end; e++) {
      const at = base + <usize>load<i32>(p.columns + <usize>e * 4) * p.inputAxisBytes + c;
      const product = f32x4.mul(v128.load32_splat(p.factors + <usize>e * 4), v128.load(at));
      sum = e == first ? product : f32x4.add(sum, product);
    }
    v128.store(out + c, sum);
  }
}
