import type { ModelData } from '../model/data/format.ts';
import { assumedShape } from '../model/run/shapes.ts';
import { InputError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import type { InputSize } from './preprocess.ts';

/** The size of a model's picture. @throws InputError where its first input is no picture. */
export function inputSizeOf(data: Pick<ModelData, 'name' | 'inputs'>): InputSize {
  const shape = data.inputs[0] === undefined ? [] : assumedShape(data.inputs[0]);
  if (shape.length === 4 && shape[0] === 1) {
    const [, channels, height, width] = shape;
    return { channels, height, width };
  }
  throw new InputError(
    `Cannot prepare pictures for ${data.name}: its first input must have shape [1, C, H, W], it has ${formatShape(shape)}`,
  );
}
