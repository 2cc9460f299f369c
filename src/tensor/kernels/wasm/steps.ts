import { floats, kernels } from './kernels.ts';

export type KernelName = keyof typeof kernels;

/** A kernel's parameters: addresses and lengths, but for those in `floats`. */
export type Parameters<K extends KernelName> = Readonly<
  Record<(typeof kernels)[K]['fields'][number], number>
>;

/** One kernel over all its chunks; all chunks of a step are done before the next step begins. */
export interface Step {
  readonly kernel: KernelName;
  readonly chunks: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** The tensor that it helps to make, for those who take times. */
  readonly layer?: string;
}

/** A step with its parameters checked against its kernel. */
export function step<K extends KernelName>(kernel: K, chunks: number, parameters: Parameters<K>): Step {
  return { kernel, chunks, parameters };
}

const HEADER = 4; // bytes
const STEP = 20;

/** How many bytes a program takes. */
export function programBytes(steps: readonly Step[]): number {
  return steps.reduce((bytes, { kernel }) => bytes + STEP + kernels[kernel].fields.length * 4, HEADER);
}

/** Writes a program for the module at `at`: the header, the steps, then their parameters. */
export function writeProgram(buffer: ArrayBufferLike, at: number, steps: readonly Step[]): void {
  const bytes = programBytes(steps);
  const words = new Int32Array(buffer, at, bytes / 4);
  const reals = new Float32Array(buffer, at, bytes / 4);
  words[0] = steps.length;
  let place = (HEADER + steps.length * STEP) / 4;
  steps.forEach(({ kernel, chunks, parameters }, i) => {
    const { code, fields } = kernels[kernel];
    words.set([code, chunks, at + place * 4, 0, 0], (HEADER + i * STEP) / 4);
    for (const field of fields) {
      (floats.has(field) ? reals : words)[place] = parameters[field];
      place++;
    }
  });
}

/** Makes a program ready for another run. */
export function resetProgram(words: Int32Array, at: number, steps: number): void {
  for (let i = 0; i < steps; i++) {
    const place = (at + HEADER + i * STEP) / 4;
    words[place + 3] = 0;
    words[place + 4] = 0;
  }
}
