import { beyond, limits } from '../../tensor/limits.ts';

/** Why a picture cannot be read and the way out; `decodePicture` turns it into an InputError that names the file. */
export class UnreadablePicture extends Error {
  readonly wayOut: string;

  constructor(reason: string, wayOut: string) {
    super(reason);
    this.wayOut = wayOut;
  }
}

export function damagedPicture(): UnreadablePicture {
  return new UnreadablePicture('it is damaged or cut short', 'give a complete file');
}

export function hugePicture(): UnreadablePicture {
  return new UnreadablePicture('it is too large for the memory', 'make it smaller');
}

/** @throws UnreadablePicture for an empty picture, and before the memory of a huge one is taken. */
export function checkPixels(
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number,
): void {
  const pixels = width * height;
  if (pixels === 0) throw new UnreadablePicture('it has no pixels', 'give a complete file');
  const side = Math.max(width, height);
  if (side > limits.side.value) throw new UnreadablePicture(beyond(limits.side, side), 'make it smaller');
  if (pixels <= maxPixels) return;
  const limit = { ...limits.pixels, value: maxPixels };
  throw new UnreadablePicture(beyond(limit, `${width} × ${height}`), 'make it smaller');
}
