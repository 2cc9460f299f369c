import { resolve } from 'node:path';
import { decodePicture } from '../image/node/decodePicture.ts';
import { readInputFile } from '../image/node/readInputFile.ts';
import type { Picture } from '../image/picture.ts';
import { type InputSize, preprocess, type Rectangle } from '../image/preprocess.ts';
import type { Preprocessing } from '../model/format.ts';
import { InputError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { imageNames } from './outputNames.ts';

/** A picture checked and made ready. */
export interface PreparedImage {
  readonly path: string;
  /** What its outputs' names begin with. */
  readonly name: string;
  readonly input: Tensor;
  readonly crop: Rectangle;
  /** The picture, read again where many large ones would not fit in memory. */
  picture(): Picture;
}

/** Pixels of pictures kept in memory, 4 bytes each. */
const KEPT_PIXELS = 64e6;

function readPicture(path: string): Picture {
  return decodePicture(readInputFile(path), path);
}

/** Reads and checks every picture before the first is explained. @throws InputError naming the file. */
export function prepareImages(
  paths: readonly string[],
  { preprocessing, size }: { preprocessing: Preprocessing; size: InputSize },
): PreparedImage[] {
  const names = imageNames(paths);
  let kept = 0;
  return paths.map((path, i) => {
    const picture = readPicture(path);
    kept += picture.width * picture.height;
    const keep = kept <= KEPT_PIXELS ? picture : undefined;
    const prepared = preprocess(picture, preprocessing, size);
    return { path, name: names[i], ...prepared, picture: () => keep ?? readPicture(path) };
  });
}

/** @throws InputError where an output would replace a file that is read. */
export function checkOutputs(outputs: readonly string[], inputs: readonly string[]): void {
  const read = new Set(inputs.map((path) => resolve(path)));
  const clash = outputs.find((path) => read.has(resolve(path)));
  if (clash === undefined) return;
  throw new InputError(
    `Cannot write ${clash}: it is an input of this command; choose another name or folder`,
  );
}
