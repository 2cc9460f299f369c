import { inputSizeOf } from '../../image/inputSizeOf.ts';
import { preprocess } from '../../image/preprocess.ts';
import type { Model } from '../../model/model.ts';
import { decodePicture, pictureKind } from '../../node/pictures/decodePicture.ts';
import { readInputFile } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import { decodeNpy } from '../../tensor/npy.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import type { Io } from './io.ts';
import type { LimitFlags } from './limitOptions.ts';
import { type ModelFlags, preprocessingOf } from './openModel.ts';

/** A model, and what the flags say of how pictures become its input. */
export interface InputReading {
  readonly model: Model;
  readonly flags: ModelFlags & LimitFlags;
  readonly io: Pick<Io, 'warn'>;
}

/**
 * An input of a model: the array of an .npy file; or, for its first input, a picture prepared as `explain` does.
 * @throws InputError naming the file.
 */
export function readInput(path: string, name: string, { model, flags, io }: InputReading): Tensor {
  const bytes = readInputFile(path);
  if (pictureKind(bytes) === undefined) return decodeNpy(bytes, path);
  const [image] = model.inputs;
  if (name !== image.name) {
    throw new InputError(
      `Cannot use ${path} for ${name}: pictures are prepared for ${image.name} alone; give an .npy file`,
    );
  }
  const picture = decodePicture(bytes, path, { maxPixels: flags.maxPixels });
  const { preprocessing, warning } = preprocessingOf(model, flags);
  if (warning !== undefined) io.warn(warning);
  return preprocess(picture, preprocessing, inputSizeOf(model)).input;
}

/** @throws InputError naming the first entry that is not finite. */
export function checkFinite(x: Tensor, path: string): void {
  const { data } = contiguous(x);
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new InputError(`Cannot use ${path}: entry ${i} is ${data[i]}; finite numbers are wanted`);
    }
  }
}
