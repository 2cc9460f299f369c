/** Moves entries: from any strides to any strides. */

@unmanaged
export class Copy {
  input: usize;
  output: usize;
  /** Rows are numbered (i0, i1, i2, i3), the last running fastest; lengths of all but the first. */
  n1: i32;
  n2: i32;
  n3: i32;
  /** Bytes that each index takes the input and the output further. */
  a0: i32;
  a1: i32;
  a2: i32;
  a3: i32;
  o0: i32;
  o1: i32;
  o2: i32;
  o3: i32;
  rows: i32;
  /** Floats of a row, side by side in the output and so many bytes apart in the input. */
  length: i32;
  inputStep: i32;
  /** Floats behind a row that become 0. */
  zeros: i32;
  /** Rows of one chunk. */
  block: i32;
}

@inline
function copyRow(p: Copy, input: usize, output: usize): void {
  const end = output + <usize>p.length * 4;
  let out = output;
  let from = input;
  if (p.inputStep == 4) {
    for (; out + 16 <= end; out += 16) {
      v128.store(out, v128.load(from));
      from += 16;
    }
  }
  for (; out < end; out += 4) {
    store<f32>(out, load<f32>(from));
    from += p.inputStep;
  }
  for (let i = 0; i < p.zeros; i++) {
    store<f32>(out, 0);
    out += 4;
  }
}

export function copy(p: Copy, chunk: i32): void {
  let i = chunk * p.block;
  const end = min(i + p.block, p.rows);
  let i3 = i % p.n3;
  let rest = i / p.n3;
  let i2 = rest % p.n2;
  rest /= p.n2;
  let i1 = rest % p.n1;
  let i0 = rest / p.n1;
  while (i < end) {
    let input = p.input + i0 * p.a0 + i1 * p.a1 + i2 * p.a2 + i3 * p.a3;
    let output = p.output + i0 * p.o0 + i1 * p.o1 + i2 * p.o2 + i3 * p.o3;
    const stop = min(end, i + p.n3 - i3);
    for (; i < stop; i++) {
      copyRow(p, input, output);
      input += p.a3;
      output += p.o3;
    }
    i3 = 0;
    if (++i2 == p.n2) {
      i2 = 0;
      if (++i1 == p.n1) {
        i1 = 0;
        i0++;
      }
    }
  }
}
