import type { Picture } from '../../image/picture.ts';

/** A picture of a set, with what is known of it. */
export interface SetPicture {
  readonly picture: Picture;
  /** The name of its class, where it is known. */
  readonly label: string | undefined;
  /** The pixels of each occurrence of the class, [height, width] of the picture: not 0 where they are its own. */
  readonly masks: readonly Uint8Array[];
  /** The same picture with one occurrence taken out, where the set can tell. */
  readonly without?: ((occurrence: number) => Picture) | undefined;
}
