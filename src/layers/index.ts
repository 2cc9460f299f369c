import { activations } from './activations.ts';
import { arithmetic } from './arithmetic.ts';
import { constants } from './constants.ts';
import { convolution } from './convolution.ts';
import { gathering } from './gathering.ts';
import type { Layer, Layers } from './layer.ts';
import { matrices } from './matrices.ts';
import { normalization } from './normalization.ts';
import { padding } from './padding.ts';
import { pooling } from './pooling.ts';
import { quantization } from './quantization.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resizing.ts';
import { scattering } from './scattering.ts';
import { shaping } from './shaping.ts';
import { softmaxLayers } from './softmax.ts';

/** The operators that models have without being given more, by their ONNX names; `more.ts` has the rest. */
export const layers: Layers = {
  ...activations,
  ...arithmetic,
  ...constants,
  ...scattering,
  ...padding,
  ...convolution,
  ...gathering,
  ...matrices,
  ...normalization,
  ...pooling,
  ...quantization,
  ...reductions,
  ...resizing,
  ...shaping,
  ...softmaxLayers,
};

/** The row of an operator; undefined where a table lacks it. */
export const layerOf = (op: string, table: Layers = layers): Layer | undefined =>
  Object.hasOwn(table, op) ? table[op] : undefined;
