import { kernelModule } from '../src/tensor/kernels/wasm/device.ts';

const DEPTH = 512;
const CALLS = 100_000;
const ROUNDS = 7;

type Multiply = (
  ...addresses: [table: number, taps: number, depth: number, weights: number, bias: number, tile: number]
) => void;

interface Platform {
  readonly WebAssembly: {
    readonly Memory: new (limits: {
      initial: number;
      maximum: number;
      shared: true;
    }) => { buffer: ArrayBufferLike };
    readonly Instance: new (module: unknown, imports: unknown) => { exports: { multiplyTile: Multiply } };
  };
}

/** GFLOP/s of the float32 micro-kernel on one core, its operands in the first-level cache: the best of several rounds. */
export function microKernelSpeed(): number {
  const { WebAssembly } = globalThis as unknown as Platform;
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 65536, shared: true });
  const { multiplyTile } = new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports;
  const [table, tile, bias, rows, weights] = [1024, 2048, 4096, 65536, 131072];
  const words = new Int32Array(memory.buffer);
  for (let i = 0; i < 4; i++) words[table / 4 + i] = rows + i * (DEPTH * 4 + 64);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) multiplyTile(table, 1, DEPTH, weights, bias, tile);
    best = Math.max(best, (CALLS * 64 * DEPTH) / (performance.now() - start) / 1e6);
  }
  return best;
}
