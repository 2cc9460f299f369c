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

const MOST_PIXELS = 150e6;

/** @throws UnreadablePicture for an empty picture, and before the memory of a huge one is taken. */
export function checkPixels(width: number, height: number): void {
  if (width * height === 0) throw new UnreadablePicture('it has no pixels', 'give a complete file');
  if (width * height <= MOST_PIXELS) return;
  const size = `${width} × ${height} pixels`;
  throw new UnreadablePicture(`it has ${size}, more than ${MOST_PIXELS / 1e6} million`, 'make it smaller');
}
