import { InputError } from '../tensor/errors.ts';
import type { Picture, Rectangle } from './picture.ts';
import { displayScale, resizePicture } from './resizePicture.ts';

/** A photograph at the size that it is drawn at, for maps to be drawn over: made once, used for each of them. */
export interface Ground {
  /** Over white. */
  readonly picture: Picture;
  /** The part of it that the network saw. */
  readonly seen: Rectangle;
}

/** What part of a photograph is drawn, and how large. */
export interface GroundOptions {
  /** The part of the picture that the network saw; all of it unless given. */
  readonly crop?: Rectangle | undefined;
  /** Pixels of the drawn picture's longer side; unless given those of the photograph, and at most 2048. */
  readonly size?: number | undefined;
}

/** @throws InputError for a size that is not a whole number of pixels. */
export function groundOf(picture: Picture, { crop, size }: GroundOptions = {}): Ground {
  if (size !== undefined && !(Number.isInteger(size) && size > 0)) {
    throw new InputError(`Cannot draw the map: size must be a whole number of pixels, got ${size}`);
  }
  const scale = displayScale(picture, size);
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  const { x, y, ...sides } = crop ?? { x: 0, y: 0, width: picture.width, height: picture.height };
  const seen = { x: x * scale, y: y * scale, width: sides.width * scale, height: sides.height * scale };
  return { picture: resizePicture(picture, width, height), seen };
}
