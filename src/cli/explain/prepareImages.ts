import { type InputSize, preprocess } from '../../image/preprocess.ts';
import type { Preprocessing } from '../../model/data/format.ts';
import { imageNames } from '../../node/explanation/outputNames.ts';
import type { Pictured } from '../../node/explanation/scene.ts';
import { closeFile, openFile, readNow } from '../../node/openFile.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { pictureSize } from '../../node/pictures/pictureSize.ts';
import { readInputFile, STDIN } from '../../node/readInputFile.ts';
import { rest } from '../../tensor/drive.ts';
import { limits } from '../../tensor/limits.ts';

/** A picture that was checked, not read. */
export interface ImageFile {
  readonly path: string;
  /** What its outputs' names begin with. */
  readonly name: string;
  /** Its file as it is now. @throws InputError */
  read(): Uint8Array;
}

/** A picture made ready. */
export interface PreparedImage extends ImageFile, Pictured {}

/** How pictures become inputs. */
export interface Preparing {
  readonly preprocessing: Preprocessing;
  readonly size: InputSize;
  readonly maxPixels?: number | undefined;
}

/** Pixels of pictures that are decoded to check them; of those after them the headers are read. */
const DECODED_PIXELS = 64e6;

/** Bytes of a file's beginning that are read first; metadata before a JPEG's header may be longer. */
const START = 2 ** 16;

/** A file to be read when its turn comes, and its size in pixels if its beginning says it. A pipe is read now, and kept. */
function openImage(path: string, name: string): { file: ImageFile; pixels: number | undefined } {
  if (path === STDIN) {
    const bytes = readInputFile(path);
    return { file: { path: name, name, read: () => bytes }, pixels: undefined };
  }
  const opened = openFile(path, path);
  try {
    const { whole } = opened;
    const read = whole === undefined ? () => readInputFile(path) : () => whole;
    const start = whole ?? new Uint8Array(Math.min(START, opened.size));
    if (whole === undefined) readNow(opened, start, 0);
    const [width, height] = pictureSize(start) ?? pictureSize(read()) ?? [];
    const pixels = width === undefined || height === undefined ? undefined : width * height;
    return { file: { path, name, read }, pixels };
  } finally {
    closeFile(opened);
  }
}

/**
 * Checks every picture before the first is explained; keeps none. The first ones are decoded and prepared as they will be: a damaged one
 * among few is found before anything is written. Among many, damage behind a header is found when its turn comes.
 * @throws InputError naming the file.
 */
export async function checkImages(
  paths: readonly string[],
  preparing: Preparing,
  signal?: AbortSignal,
): Promise<ImageFile[]> {
  const { maxPixels = limits.pixels.value } = preparing;
  const names = imageNames(paths);
  let left = DECODED_PIXELS;
  const files: ImageFile[] = [];
  for (const [i, path] of paths.entries()) {
    await rest(signal);
    const { file, pixels } = openImage(path, names[i]);
    left -= pixels ?? 0;
    // One whose header cannot be read or says too much is refused by its reader.
    const odd = pixels === undefined || pixels === 0 || pixels > maxPixels;
    if (left >= 0 || odd) await prepareImage(file, file.read(), { ...preparing, signal });
    files.push(file);
  }
  return files;
}

/** @throws InputError naming a file that cannot be used. */
export async function prepareImage(
  file: ImageFile,
  bytes: Uint8Array,
  { preprocessing, size, maxPixels, signal }: Preparing & { readonly signal?: AbortSignal | undefined },
): Promise<PreparedImage> {
  const picture = decodePicture(bytes, file.path, { maxPixels });
  await rest(signal);
  return { ...file, picture, ...preprocess(picture, preprocessing, size) };
}
