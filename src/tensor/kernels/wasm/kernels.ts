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
  'mask',
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
  'mask',
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

/** A window that slides over channels, each on its own. */
const slidingWindow = [
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
] as const;

const window = [
  'input',
  'output',
  'weights',
  'bias',
  'low',
  'high',
  ...slidingWindow,
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
  'slice',
] as const;

const spread = [
  'input',
  'cotangent',
  'output',
  ...slidingWindow,
  'cotangentPixelBytes',
  'outputPixelBytes',
  'divisor',
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
  gate: { code: 22, fields: pointwise },
  leakyGate: { code: 23, fields: pointwise },
  hardSwishGate: { code: 24, fields: pointwise },
  spread: { code: 25, fields: spread },
  maxPoolGradient: { code: 26, fields: spread },
  averagePoolGradient: { code: 27, fields: spread },
} as const;

export type KernelName = keyof typeof kernels;
export type Parameters<K extends KernelName> = Readonly<
  Record<(typeof kernels)[K]['fields'][number], number>
>;

/** Fields that are float32. */
export const floats: ReadonlySet<string> = new Set(['low', 'high', 'alpha', 'beta', 'divisor']);
