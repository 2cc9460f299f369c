import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readInputText } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import type { FilePicture } from './filePicture.ts';
import { fileSet } from './fileSet.ts';
import type { PictureSet, SetFile } from './set.ts';

/** Names of the objects that an annotation lists, in its order, which is that of the mask's numbers from 1 on. */
const objectsIn = (xml: string): string[] =>
  [...xml.matchAll(/<object>[\s\S]*?<name>([^<]*)<\/name>[\s\S]*?<\/object>/g)].map(([, name]) =>
    name.trim(),
  );

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
  const inFolder = (name: string): SetFile => ({ name, path: join(folder, name) });
  const pictures = ids.flatMap((id) => {
    const objects = objectsIn(readInputText(join(folder, 'Annotations', `${id}.xml`)));
    const mask = inFolder(`SegmentationObject/${id}.png`);
    return [...new Set(objects)].map((label): FilePicture<SetFile> => {
      const numbers = objects.flatMap((each, i) => (each === label ? [i + 1] : []));
      const file = inFolder(`JPEGImages/${id}.jpg`);
      return { name: `${id} ${label}`, file, label, occurrences: { by: 'numbers', mask, numbers } };
    });
  });
  return fileSet(name, pictures.length, (index) => pictures[index]);
}
