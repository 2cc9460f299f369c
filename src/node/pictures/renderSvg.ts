import { describe } from '../../tensor/describe.ts';
import { InputError } from '../../tensor/errors.ts';
import { withoutWebAssembly } from '../withoutWebAssembly.ts';
import { packedFile } from './packedFile.ts';

const FAMILY = 'IBM Plex Sans';
const fontFiles = ['IBMPlexSans-Regular.ttf', 'IBMPlexSans-SemiBold.ttf'];

type Resvg = typeof import('@resvg/resvg-wasm');

/** What draws, started, and the fonts. */
interface Renderer {
  readonly Resvg: Resvg['Resvg'];
  readonly fonts: readonly Uint8Array[];
}

let ready: Promise<Renderer> | undefined;

/** The types of Node 20 lack it. */
declare const WebAssembly: { readonly Memory: new (pages: { readonly initial: number }) => object };

/** Memories that starting takes: resvg's own, and one of Node's fetch, which resvg wakes and which fails out of reach. */
const MEMORIES = 2;

/** Starts resvg, once in a process, and reads the fonts. */
async function open(): Promise<Renderer> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const code = packedFile('index_bg.wasm');
  try {
    // All at once; they are given back as soon as others are asked for.
    Array.from({ length: MEMORIES }, () => new WebAssembly.Memory({ initial: 1 }));
    await initWasm(code);
  } catch (error) {
    throw withoutWebAssembly('draw', error);
  }
  return { Resvg, fonts: fontFiles.map(packedFile) };
}

/** Pixels of a picture for each of the SVG, at most. */
const MOST_ZOOM = 64;

/** @throws InputError for what is no SVG, and a zoom that none is drawn at. */
function checkDrawing(svg: unknown, zoom: unknown): void {
  if (typeof svg !== 'string') {
    throw new InputError(`Cannot draw: the text of an SVG is wanted, got ${describe(svg)}`);
  }
  if (typeof zoom === 'number' && zoom > 0 && zoom <= MOST_ZOOM) return;
  throw new InputError(
    `Cannot draw: zoom must be a number above 0, at most ${MOST_ZOOM}, got ${describe(zoom)}`,
  );
}

/** @throws InputError for a text that is no SVG. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InputError(`Cannot draw: ${(error as Error).message}; the whole text of an SVG is wanted`);
  }
}

/**
 * An SVG as a PNG file, `zoom` pixels to the unit. The same bytes on every machine: resvg is one WebAssembly module, and
 * all text is set in IBM Plex Sans, regular or semi-bold, whatever fonts the machine has. Letters outside Latin, Greek
 * and Cyrillic come out as boxes.
 * @throws InputError for a text that is no SVG. @throws PlatformError where there is no WebAssembly, or no memory for it.
 * @example
 * const png = await renderSvg('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>');
 * decodePicture(png, 'drawing.png').width // 3
 */
export async function renderSvg(svg: string, zoom = 1): Promise<Uint8Array> {
  checkDrawing(svg, zoom);
  ready ??= open().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  const { Resvg, fonts } = await ready;
  const font = { fontBuffers: [...fonts], loadSystemFonts: false, defaultFontFamily: FAMILY };
  const drawing = parsed(() => new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }));
  const rendered = drawing.render();
  const file = rendered.asPng();
  rendered.free();
  drawing.free();
  return file;
}
