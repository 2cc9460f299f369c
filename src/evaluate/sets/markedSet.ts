import type { Picture } from '../../image/picture.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { readInputFile } from '../../node/readInputFile.ts';
import type { PictureSet } from './set.ts';

/** A picture file, and a class in it. */
export interface MarkedPicture {
  readonly name: string;
  readonly path: string;
  readonly label: string;
  /** All that its masks are made of, as text. */
  readonly marks: string;
  masks(picture: Picture): readonly Uint8Array[];
}

/** A set whose occurrences are told beside the pictures: each picture comes once for each class in it. */
export const markedSet = (name: string, entries: readonly MarkedPicture[]): PictureSet => ({
  name,
  count: entries.length,
  nameOf: (index) => entries[index].name,
  hashOf: (index) =>
    sha256Of(
      `${sha256Of(readInputFile(entries[index].path))} ${entries[index].label} ${entries[index].marks}`,
    ),
  read(index) {
    const { path, label, masks } = entries[index];
    const picture = decodePicture(readInputFile(path), path);
    return { picture, label, masks: masks(picture) };
  },
});
