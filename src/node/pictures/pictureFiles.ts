import { basename, dirname } from 'node:path';
import { type OverlayOptions, overlay } from '../../image/overlay.ts';
import type { Picture } from '../../image/picture.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { readInputFile } from '../readInputFile.ts';
import { staged } from '../stage.ts';
import { wantPath } from '../wantPath.ts';
import { type DecodeOptions, decodePicture } from './decodePicture.ts';
import { encodePng } from './encodePng.ts';

/**
 * The picture in a PNG or JPEG file.
 * @throws InputError naming a file that cannot be used.
 * @example
 * const picture = await loadPicture('weights/sample.png');
 * picture.data.length === 4 * picture.width * picture.height // true
 */
export async function loadPicture(path: string, options: DecodeOptions = {}): Promise<Picture> {
  return decodePicture(readInputFile(wantPath(path, 'load a picture')), path, options);
}

/**
 * Writes a picture as a PNG file, which appears whole or not at all. Folders are made.
 * @example
 * await savePicture('jetgrad-out/dot.png', { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 255) });
 */
export async function savePicture(path: string, picture: Picture): Promise<void> {
  const file = wantPath(path, 'save the picture');
  const png = encodePng(picture);
  await staged(dirname(file), async (stage) => stage.write(basename(file), png));
}

/**
 * Writes a map [H, W], 0 … 1, drawn over its picture; see `overlay`.
 * @example
 * const picture = await loadPicture('weights/sample.png');
 * await saveOverlay('jetgrad-out/map.png', picture, tensor([[0, 0.5], [0.25, 1]]));
 */
export async function saveOverlay(
  path: string,
  picture: Picture,
  map: Tensor,
  options: OverlayOptions = {},
): Promise<void> {
  await savePicture(path, overlay(picture, map, options));
}
