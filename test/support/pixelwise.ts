import { pointwiseKinds } from '../../src/tensor/kernels/wasm/kernels.ts';

/** Parameters of a kernel over so many pixels of four channels, one after another; the second operand is one pixel for all. */
export function pixelwise(
  kind: (typeof pointwiseKinds)[number],
  { pixels, block }: { pixels: number; block: number },
) {
  return {
    kind: pointwiseKinds.indexOf(kind),
    ...{ a: 0, b: 0, output: 0, low: -Infinity, high: Infinity, alpha: 0, beta: 0 },
    ...{ n1: 1, n2: 1, n3: pixels, a0: 0, a1: 0, a2: 0, a3: 16, b0: 0, b1: 0, b2: 0, b3: 0, bStrand: 1 },
    ...{ rows: pixels, channels: 4, mask: 0, outputRowBytes: 16, block },
  };
}
