import { orient } from '../../image/orient.ts';
import type { Picture } from '../../image/picture.ts';
import { beyond, limits } from '../../tensor/limits.ts';
import { withoutWebAssembly } from '../withoutWebAssembly.ts';
import { exifOrientation } from './exifOrientation.ts';
import { type JpegHeader, readJpegHeader } from './jpegHeader.ts';
import { packedFile } from './packedFile.ts';
import { checkPixels, damagedPicture, hugePicture, UnreadablePicture } from './unreadablePicture.ts';

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
const START_OF_SCAN = Uint8Array.of(0xff, 0xda);

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

let code: Uint8Array | undefined;
let compiled: object | undefined;

/** A fresh instance for each picture: nothing is left behind by the last, and its memory is freed with it. */
function openTurbo(): Turbo {
  code ??= packedFile('jpeg-turbo.wasm');
  try {
    compiled ??= new WebAssembly.Module(code);
    return new WebAssembly.Instance(compiled, imports).exports as Turbo;
  } catch (error) {
    throw withoutWebAssembly('read JPEG pictures', error);
  }
}

type Size = Pick<Picture, 'width' | 'height'>;

/** Where the module put the pixels of a JPEG, 4 bytes each. @throws UnreadablePicture, and what the module throws. */
function decompress(
  turbo: Turbo,
  jpeg: Uint8Array,
  { width, height, format }: Size & { format: number },
): number {
  const allocate = (size: number) => {
    const at = turbo.malloc(size);
    if (at === 0) throw hugePicture();
    return at;
  };
  const source = allocate(jpeg.length);
  new Uint8Array(turbo.memory.buffer).set(jpeg, source);
  const handle = turbo.tjInitDecompress();
  const meta = allocate(16);
  const header = [meta, meta + 4, meta + 8, meta + 12];
  const opened = turbo.tjDecompressHeader3(handle, source, jpeg.length, ...header);
  const [w, h] = new Uint32Array(turbo.memory.buffer.slice(meta, meta + 8));
  if (opened !== 0 || w !== width || h !== height) throw damagedPicture();
  const out = allocate(width * height * 4);
  // Warnings count as failure too: a file that is cut short only warns, and is gray from there on.
  const drawn = turbo.tjDecompress2(handle, source, jpeg.length, out, width, width * 4, height, format, 0);
  if (drawn !== 0) throw damagedPicture();
  return out;
}

/** The pixels, of the size that was checked: a file of which libjpeg reads another size is refused. */
function pixelsOf(jpeg: Uint8Array, { width, height }: Size, format: number): Picture {
  const turbo = openTurbo();
  let out: number;
  try {
    out = decompress(turbo, jpeg, { width, height, format });
  } catch (error) {
    // The module's own faults end its instance, and nothing else: no file that is whole brings them about.
    throw error instanceof UnreadablePicture ? error : damagedPicture();
  }
  return { width, height, data: new Uint8Array(turbo.memory.buffer.slice(out, out + width * height * 4)) };
}

/** R = (255 − C)(255 − K) / 255, the same for G and B; Adobe stores 255 − C and so on. */
function cmykToRgb(picture: Picture, inverted: boolean): Picture {
  const { data } = picture;
  const ink = (value: number) => (inverted ? value : 255 - value);
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c] = Math.round((ink(data[i + c]) * ink(data[i + 3])) / 255);
    data[i + 3] = 255;
  }
  return picture;
}

/** Blocks of 8 × 8 pixels take a bit at least, some components a quarter of them: pixels for each byte of a file. */
const MOST_PACKED = 2048;

/** @throws UnreadablePicture where a small file asks for much memory, or for a walk over all pixels again and again. */
function checkEffort(jpeg: Uint8Array, { width, height, scan }: JpegHeader): void {
  if (width * height > MOST_PACKED * jpeg.length) throw damagedPicture();
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  let scans = 0;
  for (let at = scan; at >= 0; at = bytes.indexOf(START_OF_SCAN, at + 2)) scans++;
  if (scans > limits.scans.value) {
    throw new UnreadablePicture(beyond(limits.scans, scans), 'save it as an ordinary JPEG');
  }
}

/**
 * A JPEG file as an upright picture, the same pixels as libjpeg-turbo gives everywhere (Pillow, OpenCV, browsers): the
 * chroma is upsampled smoothly, where pure JavaScript decoders repeat it and differ by up to 40 levels.
 * CMYK is converted without its colour profile.
 * @throws UnreadablePicture
 */
export function decodeJpeg(jpeg: Uint8Array, maxPixels: number): Picture {
  const header = readJpegHeader(jpeg);
  if (header === undefined) throw damagedPicture();
  const { components, precision, ordinary, adobe, exif } = header;
  checkPixels(header, maxPixels);
  if (!ordinary || precision !== 8) {
    throw new UnreadablePicture(
      'it is a rare kind of JPEG (arithmetic, lossless or 12-bit)',
      'save it as an ordinary JPEG',
    );
  }
  checkEffort(jpeg, header);
  const picture =
    components === 4 ? cmykToRgb(pixelsOf(jpeg, header, CMYK), adobe) : pixelsOf(jpeg, header, RGBA);
  return orient(picture, exifOrientation(exif));
}
