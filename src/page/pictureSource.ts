import { type PixelData, pictureOf } from '../image/imageData.ts';
import type { Picture } from '../image/picture.ts';
import { InputError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import type { WholeReadable } from './byteSource.ts';

/** What a page can draw: an element of a picture or a film, a canvas, an ImageBitmap. */
export interface Drawable {
  readonly width: unknown;
  readonly height: unknown;
}

/** A picture to explain: a file that was chosen or dropped, the answer of a fetch, ImageData, a Picture, or whatever can be drawn. */
export type PictureSource = WholeReadable | PixelData | Picture | Drawable;

/** A picture on its way to the worker. */
export type SentPicture = Blob | Picture | Bitmap;

/** An ImageBitmap, by what is used of it. */
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}

interface Canvas {
  getContext(kind: '2d'): {
    drawImage(bitmap: Bitmap, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): PixelData;
  } | null;
}

/** What a page or a worker draws with; the language's types do not have it. */
interface Surface {
  readonly createImageBitmap?: (source: unknown, options?: object) => Promise<Bitmap>;
  readonly OffscreenCanvas?: new (width: number, height: number) => Canvas;
}

const surface = globalThis as Surface;

function isBitmap(picture: SentPicture): picture is Bitmap {
  return typeof (picture as Partial<Bitmap>).close === 'function';
}

/** A picture as it can be sent, and what of it moves to the worker. @throws InputError for what is no picture. */
export async function sendablePicture(
  source: PictureSource,
): Promise<{ picture: SentPicture; moves: unknown[] }> {
  if (source instanceof Blob) return { picture: source, moves: [] };
  if (typeof (source as Partial<WholeReadable> | null)?.arrayBuffer === 'function') {
    const { ok, status, url } = source as WholeReadable;
    if (ok === false) {
      throw new InputError(
        `Cannot explain the picture at ${url}: the server answers ${status}; look at the address`,
      );
    }
    return { picture: new Blob([await (source as WholeReadable).arrayBuffer()]), moves: [] };
  }
  if (ArrayBuffer.isView((source as Partial<PixelData> | null)?.data)) {
    const picture = pictureOf(source as PixelData);
    return { picture, moves: [picture.data.buffer] };
  }
  try {
    const bitmap = await (surface.createImageBitmap as NonNullable<Surface['createImageBitmap']>)(source);
    return { picture: bitmap, moves: [bitmap] };
  } catch (error) {
    throw new InputError(
      `Cannot explain the picture: a Blob, ImageData or something that can be drawn is wanted (${(error as Error).message})`,
    );
  }
}

async function bitmapOf(blob: Blob): Promise<Bitmap> {
  const { createImageBitmap } = surface;
  const name = (blob as Partial<File>).name ?? 'the picture';
  try {
    if (createImageBitmap === undefined) throw new Error('there is no createImageBitmap');
    // Colours as they are in the file, upright: as every other reader of pictures for networks has them.
    return await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  } catch (error) {
    throw new InputError(
      `Cannot explain ${name}: it is no picture that this browser can decode (${(error as Error).message}); give a PNG or JPEG file`,
    );
  }
}

function pixelsOf(bitmap: Bitmap): Picture {
  const { width, height } = bitmap;
  if (width * height > limits.pixels.value) {
    throw new InputError(`Cannot explain the picture: ${beyond(limits.pixels, width * height)}`);
  }
  const { OffscreenCanvas } = surface;
  const context = OffscreenCanvas && new OffscreenCanvas(width, height).getContext('2d');
  if (!context)
    throw new InputError('Cannot explain the picture: this browser has no OffscreenCanvas; give ImageData');
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return pictureOf(context.getImageData(0, 0, width, height));
}

/** The pixels of a picture that was sent. @throws InputError for one that cannot be decoded or is too large. */
export async function receivedPicture(picture: SentPicture): Promise<Picture> {
  if (picture instanceof Blob) return pixelsOf(await bitmapOf(picture));
  return isBitmap(picture) ? pixelsOf(picture) : picture;
}
