import { basename, dirname } from 'node:path';
import type { Tensor } from '../../tensor/tensor.ts';
import { type OverlayOptions, overlay } from '../overlay.ts';
import type { Picture } from '../picture.ts';
import { type DecodeOptions, decodePicture } from './decodePicture.ts';
import { encodePng } from './encodePng.ts';
import { readInputFile } from './readInputFile.ts';
import { staged } from './stage.ts';

/** The picture in a PNG or JPEG file. @throws InputError naming a file that cannot be used. */
export async function loadPicture(path: string, options: DecodeOptions = {}): Promise<Picture> {
  return decodePicture(readInputFile(path), path, options);
}

/** Writes a picture as a PNG file, which appears whole or not at all. Folders are made. */
export async function savePicture(path: string, picture: Picture): Promise<void> {
  await staged(dirname(path), async (stage) => stage.write(basename(path), encodePng(picture)));
}

/** Writes a map [H, W], 0 … 1, drawn over its picture; see `overlay`. */
export async function saveOverlay(
  path: string,
  picture: Picture,
  map: Tensor,
  options: OverlayOptions = {},
): Promise<void> {
  await savePicture(path, overlay(picture, map, options));
}
