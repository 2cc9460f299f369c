import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { withoutWebAssembly } from '../withoutWebAssembly.ts';

const FAMILY = 'IBM Plex Sans';
const fonts = ['400Regular/IBMPlexSans_400Regular.ttf', '600SemiBold/IBMPlexSans_600SemiBold.ttf'];

let ready: Promise<readonly Uint8Array[]> | undefined;

/** The types of Node 20 lack it. */
declare const WebAssembly: { readonly Memory: new (pages: { readonly initial: number }) => object };

/** Memories that starting takes: resvg's own, and one of Node's fetch, which resvg wakes and which fails out of reach. */
const MEMORIES = 2;

/** Starts resvg, once in a process, and reads the fonts. */
async function open(): Promise<readonly Uint8Array[]> {
  const require = createRequire(import.meta.url);
  const code = readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm'));
  try {
    // All at once; they are given back as soon as others are asked for.
    Array.from({ length: MEMORIES }, () => new WebAssembly.Memory({ initial: 1 }));
    await initWasm(code);
  } catch (error) {
    throw withoutWebAssembly('draw', error);
  }
  return fonts.map((file) => readFileSync(require.resolve(`@expo-google-fonts/ibm-plex-sans/${file}`)));
}

/**
 * An SVG as a PNG file, `zoom` pixels to the unit. The same bytes on every machine: resvg is one WebAssembly module, and
 * all text is set in IBM Plex Sans, regular or semi-bold, whatever fonts the machine has. Letters outside Latin, Greek
 * and Cyrillic come out as boxes.
 * @throws PlatformError where there is no WebAssembly, or no memory for it.
 * @example
 * const png = await renderSvg('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>');
 * decodePicture(png, 'drawing.png').width // 3
 */
export async function renderSvg(svg: string, zoom = 1): Promise<Uint8Array> {
  ready ??= open().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  const font = { fontBuffers: [...(await ready)], loadSystemFonts: false, defaultFontFamily: FAMILY };
  const drawing = new Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } });
  const rendered = drawing.render();
  const file = rendered.asPng();
  rendered.free();
  drawing.free();
  return file;
}
