/** A picture in memory: 8-bit RGBA, row-major, 4 bytes a pixel, upright (EXIF orientation already applied). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A rectangle in pixels of a picture; fractions are allowed. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
