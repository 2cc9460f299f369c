import type { FilePicture, NamedFile } from './filePicture.ts';
import type { SetPicture } from './setPicture.ts';

/** A file of a set on this machine; its name is that in the folder of the set. */
export interface SetFile extends NamedFile {
  readonly path: string;
}

/** Pictures, one after another: any number of them takes no memory. */
export interface PictureSet {
  /** As it was asked for. */
  readonly name: string;
  readonly count: number;
  /** What a picture is called in results, and in lists of those that failed. */
  nameOf(index: number): string;
  /** SHA-256 of all that is known of a picture. @throws InputError where it cannot be read. */
  hashOf(index: number): string;
  /** @throws InputError naming a picture that cannot be used. */
  read(index: number): SetPicture;
  /** The files of a picture, and what they mean; none where pictures are drawn. */
  readonly pictureAt?: ((index: number) => FilePicture<SetFile>) | undefined;
}
