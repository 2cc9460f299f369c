/**
 * The kernels of the WebAssembly module: their numbers in `runChunk`, and the fields of their parameters in the order of the
 * module's classes. Fields are 32-bit integers, but for those in `floats`.
 */
const product = [
  'input',
  'weights',
  'bias',
  'output',
  'residual',
  'zeros',
  'scratch',
  'scratchBytes',
  'low',
  'high',
  'rows',
  'columns',
  'depth',
  'outputRowBytes',
  'residualRowBytes',
  'pixelBytes',
  'imageBytes',
  'height',
  'width',
  'outputHeight',
  'outputWidth',
  'kernelHeight',
  'kernelWidth',
  'strideY',
  'strideX',
  'dilationY',
  'dilationX',
  'top',
  'left',
  'batchInputBytes',
  'batchWeightBytes',
  'batchOutputBytes',
  'rowBlock',
  'columnBlock',
  'rowBlocks',
  'columnBlocks',
] as const;

const tiles = [
  'input',
  'transformed',
  'planeBytes',
  'output',
  'bias',
  'residual',
  'low',
  'high',
  'scratch',
  'scratchBytes',
  'channels',
  'height',
  'width',
  'outputHeight',
  'outputWidth',
  'top',
  'left',
  'tilesAcross',
  'tilesPerImage',
  'first',
  'count',
  'block',
  'outputPixelBytes',
  'residualPixelBytes',
] as const;

const window = [
  'input',
  'output',
  'weights',
  'bias',
  'low',
  'high',
  'channels',
  'height',
  'width',
  'outputHeight',
  'outputWidth',
  'kernelHeight',
  'kernelWidth',
  'strideY',
  'strideX',
  'dilationY',
  'dilationX',
  'top',
  'left',
  'inputPixelBytes',
  'outputPixelBytes',
  'divisor',
] as const;

const pointwise = [
  'a',
  'b',
  'output',
  'low',
  'high',
  'alpha',
  'beta',
  'pixels',
  'perImage',
  'channels',
  'aPixelBytes',
  'bPixelBytes',
  'outputPixelBytes',
  'bPerImage',
  'block',
] as const;

const layout = [
  'input',
  'output',
  'channels',
  'pixels',
  'pixelBytes',
  'imageBytes',
  'padded',
  'block',
  'blocks',
] as const;

const dense = [
  'input',
  'weights',
  'bias',
  'output',
  'low',
  'high',
  'rows',
  'outputs',
  'depth',
  'inputRowBytes',
  'outputRowBytes',
  'block',
] as const;

const panels = ['left', 'right', 'output', 'rows', 'columns', 'depth', 'outputRowBytes', 'block'] as const;

const weightTransform = [
  'weights',
  'factors',
  'output',
  'planeBytes',
  'filters',
  'channels',
  'depth',
] as const;

const widened = [
  'left',
  'weights',
  'chosen',
  'output',
  'scratch',
  'scratchBytes',
  'rows',
  'columns',
  'depth',
  'columnBytes',
  'depthBytes',
  'outputRowBytes',
  'block',
] as const;

export const kernels = {
  product: { code: 0, fields: product },
  transformInput: { code: 1, fields: tiles },
  transformOutput: { code: 2, fields: tiles },
  depthwise: { code: 3, fields: window },
  maxPool: { code: 4, fields: window },
  averagePool: { code: 5, fields: window },
  add: { code: 6, fields: pointwise },
  multiply: { code: 7, fields: pointwise },
  affine: { code: 8, fields: pointwise },
  clamp: { code: 9, fields: pointwise },
  leaky: { code: 10, fields: pointwise },
  hardSigmoid: { code: 11, fields: pointwise },
  hardSwish: { code: 12, fields: pointwise },
  copyChannels: { code: 13, fields: pointwise },
  channelsLast: { code: 14, fields: layout },
  channelsFirst: { code: 15, fields: layout },
  dense: { code: 16, fields: dense },
  multiplyPanels: { code: 17, fields: panels },
  multiplyWidened: { code: 18, fields: widened },
  fewRowsAcross: { code: 19, fields: widened },
  fewRowsAlong: { code: 20, fields: widened },
  transformWeights: { code: 21, fields: weightTransform },
} as const;

export type KernelName = keyof typeof kernels;
export type Parameters<K extends KernelName> = Readonly<
  Record<(typeof kernels)[K]['fields'][number], number>
>;

/** One kernel over all its chunks; all chunks of a step are done before the next step begins. */
export interface Step {
  readonly kernel: KernelName;
  readonly chunks: number;
  readonly parameters: Readonly<Record<string, number>>;
}

/** A step with its parameters checked against its kernel. */
export function step<K extends KernelName>(kernel: K, chunks: number, parameters: Parameters<K>): Step {
  return { kernel, chunks, parameters };
}

const floats: ReadonlySet<string> = new Set(['low', 'high', 'alpha', 'beta', 'divisor']);

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
