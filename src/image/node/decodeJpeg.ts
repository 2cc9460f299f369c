import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { orient } from '../orient.ts';
import type { Picture } from '../picture.ts';
import { exifOrientation } from './exifOrientation.ts';
import { readJpegHeader } from './jpegHeader.ts';
import { checkPixels, damagedPicture, UnreadablePicture } from './unreadablePicture.ts';

/** libjpeg-turbo's C functions, compiled to WebAssembly; pointers are numbers. */
interface Turbo {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  tjInitDecompress(): number;
  tjDecompressHeader3(handle: number, jpeg: number, size: number, ...meta: readonly number[]): number;
  tjDecompress2(handle: number, jpeg: number, size: number, ...output: readonly number[]): number;
}

const RGBA = 7;
const CMYK = 11;

const unsupported = () => {
  throw new Error('system call');
};

// libjpeg leaves by longjmp where a file is broken: the exception ends the call, and the instance is dropped.
const imports = {
  env: {
    setjmp: () => 0,
    longjmp: () => {
      throw damagedPicture();
    },
  },
  wasi_snapshot_preview1: {
    environ_sizes_get: () => 0,
    environ_get: unsupported,
    proc_exit: unsupported,
    fd_close: unsupported,
    fd_seek: unsupported,
    fd_write: unsupported,
  },
};

/** The types of Node 20 lack it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (compiled: object, imports: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** A fresh instance for each picture: nothing is left behind by the last, and its memory is freed with it. */
function openTurbo(): Turbo {
  const require = createRequire(import.meta.url);
  compiled ??= new WebAssembly.Module(readFileSync(require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm')));
  return new WebAssembly.Instance(compiled, imports).exports as Turbo;
}

/** The pixels of a JPEG, 4 bytes each. */
function decompress(jpeg: Uint8Array, format: number): Picture {
  const turbo = openTurbo();
  const allocate = (size: number) => {
    const at = turbo.malloc(size);
    if (at === 0) throw new UnreadablePicture('it is too large for the memory', 'make it smaller');
    return at;
  };
  const source = allocate(jpeg.length);
  new Uint8Array(turbo.memory.buffer).set(jpeg, source);
  const handle = turbo.tjInitDecompress();
  const meta = allocate(16);
  const header = [meta, meta + 4, meta + 8, meta + 12];
  const opened = turbo.tjDecompressHeader3(handle, source, jpeg.length, ...header);
  const [width, height] = new Uint32Array(turbo.memory.buffer.slice(meta, meta + 8));
  const size = width * height * 4;
  const out = allocate(size);
  // Warnings count as failure too: a file that is cut short only warns, and is gray from there on.
  const drawn = turbo.tjDecompress2(handle, source, jpeg.length, out, width, width * 4, height, format, 0);
  if (opened !== 0 || drawn !== 0) throw damagedPicture();
  return { width, height, data: new Uint8Array(turbo.memory.buffer.slice(out, out + size)) };
}

/** R = (255 − C)(255 − K) / 255, the same for G and B; Adobe stores 255 − C and so on. */
function cmykToRgb(picture: Picture, inverted: boolean): Picture {
  const data = picture.data.map((value) => (inverted ? value : 255 - value));
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c] = Math.round((data[i + c] * data[i + 3]) / 255);
    data[i + 3] = 255;
  }
  return { ...picture, data };
}

/**
 * A JPEG file as an upright picture, the same pixels as libjpeg-turbo gives everywhere (Pillow, OpenCV, browsers): the
 * chroma is upsampled smoothly, where pure JavaScript decoders repeat it and differ by up to 40 levels.
 * CMYK is converted without its colour profile.
 * @throws UnreadablePicture
 */
export function decodeJpeg(jpeg: Uint8Array): Picture {
  const header = readJpegHeader(jpeg);
  if (header === undefined) throw damagedPicture();
  const { width, height, components, precision, ordinary, adobe, exif } = header;
  checkPixels(width, height);
  if (!ordinary || precision !== 8) {
    throw new UnreadablePicture(
      'it is a rare kind of JPEG (lossless or 12-bit)',
      'save it as an ordinary JPEG',
    );
  }
  const picture = components === 4 ? cmykToRgb(decompress(jpeg, CMYK), adobe) : decompress(jpeg, RGBA);
  return orient(picture, exifOrientation(exif));
}
