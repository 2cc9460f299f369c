import readExif from 'exif-reader';

/** How the camera was held, 1 … 8, of an Exif segment or a bare TIFF block; 1 where it does not say. */
export function exifOrientation(exif: Uint8Array | undefined): number {
  if (exif === undefined) return 1;
  try {
    return readExif(Buffer.from(exif)).Image?.Orientation ?? 1;
  } catch {
    return 1; // Broken metadata must not hide a good picture.
  }
}
