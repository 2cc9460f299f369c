import { readJpegHeader } from './jpegHeader.ts';

const PNG_START = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR';

/** [width, height] that a PNG or JPEG file says at its beginning; undefined where these bytes do not say it. */
export function pictureSize(start: Uint8Array): readonly [width: number, height: number] | undefined {
  const png = PNG_START.length;
  if (start.length >= png + 8 && Buffer.from(start.subarray(0, png)).toString('latin1') === PNG_START) {
    const view = new DataView(start.buffer, start.byteOffset + png, 8);
    return [view.getUint32(0), view.getUint32(4)];
  }
  const jpeg = start[0] === 0xff && start[1] === 0xd8 ? readJpegHeader(start) : undefined;
  return jpeg && [jpeg.width, jpeg.height];
}
