import { sha256Of } from '../../node/digestBytes.ts';
import { readInputFile } from '../../node/readInputFile.ts';
import { type FilePicture, hashOfPicture, readFilePicture } from './filePicture.ts';
import type { PictureSet, SetFile } from './set.ts';

/** A set whose pictures are files. */
export function fileSet(
  name: string,
  count: number,
  pictureAt: (index: number) => FilePicture<SetFile>,
): PictureSet {
  const bytesOf = ({ path, name: each }: SetFile) => readInputFile(path, each);
  return {
    ...{ name, count, pictureAt },
    nameOf: (index) => pictureAt(index).name,
    hashOf: (index) => hashOfPicture(pictureAt(index), (file) => sha256Of(bytesOf(file))),
    read: (index) => readFilePicture(pictureAt(index), bytesOf),
  };
}
