import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../node/digestBytes.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { readInputFile, readInputText } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import { type MarkedPicture, markedSet } from './markedSet.ts';
import type { PictureSet } from './set.ts';

/** The colour of a number in masks of Pascal VOC, as red + 256 green + 65536 blue: its bits, three by three, from the highest of each channel down. */
export function vocColour(index: number): number {
  let colour = 0;
  for (let bit = 0; bit < 8; bit++) {
    for (let channel = 0; channel < 3; channel++) {
      const isSet = (index >> (3 * bit + channel)) & 1;
      colour += isSet * 2 ** (8 * channel + 7 - bit);
    }
  }
  return colour;
}

/** Names of the objects that an annotation lists, in its order, which is that of the mask's numbers from 1 on. */
const objectsIn = (xml: string): string[] =>
  [...xml.matchAll(/<object>[\s\S]*?<name>([^<]*)<\/name>[\s\S]*?<\/object>/g)].map(([, name]) =>
    name.trim(),
  );

/** The pixels of objects by their numbers. */
function masksOf(path: string, objects: readonly number[]): Uint8Array[] {
  const { data, width, height } = decodePicture(readInputFile(path), path);
  return objects.map((object) => {
    const colour = vocColour(object);
    return Uint8Array.from({ length: width * height }, (_, i) =>
      Number(data[4 * i] + 256 * data[4 * i + 1] + 65536 * data[4 * i + 2] === colour),
    );
  });
}

/**
 * `voc:DIR`: Pascal VOC with `SegmentationObject`, `Annotations` and `JPEGImages`: each picture that has masks, once for each class in it, by name.
 * @throws InputError where there are none.
 */
export function vocSet(name: string, folder: string): PictureSet {
  const masks = join(folder, 'SegmentationObject');
  const ids = existsSync(masks)
    ? readdirSync(masks)
        .filter((file) => file.endsWith('.png'))
        .map((file) => file.slice(0, -4))
        .sort()
    : [];
  if (ids.length === 0) throw new InputError(`Cannot evaluate on ${name}: there is no mask in ${masks}`);
  const entries = ids.flatMap((id) => {
    const objects = objectsIn(readInputText(join(folder, 'Annotations', `${id}.xml`)));
    const mask = join(masks, `${id}.png`);
    return [...new Set(objects)].map((label): MarkedPicture => {
      const own = objects.flatMap((each, i) => (each === label ? [i + 1] : []));
      return {
        ...{ name: `${id} ${label}`, path: join(folder, 'JPEGImages', `${id}.jpg`), label },
        get marks() {
          return `${own.join()} ${sha256Of(readInputFile(mask))}`;
        },
        masks: () => masksOf(mask, own),
      };
    });
  });
  return markedSet(name, entries);
}
