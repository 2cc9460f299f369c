import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const require = createRequire(import.meta.url);
const fonts = ['400Regular/IBMPlexSans_400Regular.ttf', '600SemiBold/IBMPlexSans_600SemiBold.ttf'];

let ready: Promise<void> | undefined;

/**
 * An SVG as a PNG file, the same bytes everywhere: text is set in IBM Plex Sans, whatever fonts the machine has. resvg is
 * drawn by one WebAssembly module, so nothing has to be built or found on the machine.
 */
export async function renderSvg(svg: string): Promise<Uint8Array> {
  ready ??= initWasm(readFileSync(require.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  await ready;
  const fontBuffers = fonts.map(
    (file) => new Uint8Array(readFileSync(require.resolve(`@expo-google-fonts/ibm-plex-sans/${file}`))),
  );
  const font = { fontBuffers, loadSystemFonts: false, defaultFontFamily: 'IBM Plex Sans' };
  return new Resvg(svg, { font }).render().asPng();
}
