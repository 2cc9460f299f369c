import { type ColormapName, colourOf, isDiverging } from './colormap.ts';
import { fitText, type TextStyle } from './textWidth.ts';

export const INK = '#17171c';
export const MUTED = '#62626c';
/** Round pictures. Opaque: viewers of PDF let the opacity of a stroke fall on the gradients after it. */
export const FRAME = '#dfdfe2';
export const FONTS = "'IBM Plex Sans', Helvetica, Arial, sans-serif";

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

/** What XML forbids: control characters, halves of a surrogate pair, U+FFFE and U+FFFF; line ends too. Source: XML 1.0, 2.2. */
const forbidden = /[^\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text for XML; characters that it forbids become spaces. */
export function escaped(text: string): string {
  return text.replace(forbidden, ' ').replace(/[&<>"]/g, (letter) => escapes.get(letter) ?? letter);
}

export interface Label extends TextStyle {
  readonly colour: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Pixels that the text may take. */
  readonly room: number;
}

/** A power below 1: fonts have the raised digits, ours lacks the raised minus. */
const negativePower = /⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g;
const plainSigns = new Map(Array.from('⁻⁰¹²³⁴⁵⁶⁷⁸⁹', (sign, i) => [sign, '−0123456789'[i]]));

/** Escaped text, negative powers as small digits above the line. */
function withPowers(text: string, size: number): string {
  const up = (0.36 * size).toFixed(1);
  return text
    .replace(negativePower, (power) => {
      const digits = Array.from(power, (sign) => plainSigns.get(sign)).join('');
      return `<tspan dy="-${up}" font-size="${(0.68 * size).toFixed(1)}">${digits}</tspan><tspan dy="${up}"> </tspan>`;
    })
    .replace(/<tspan dy="[\d.]+"> <\/tspan>$/, '');
}

export function label(text: string, [x, y]: readonly [number, number], style: Label): string {
  const { size, colour, bold = false, anchor = 'start', room } = style;
  const look = `font-size="${size}" font-weight="${bold ? 600 : 400}" fill="${colour}"`;
  const shown = withPowers(escaped(fitText(text, room, style)), size);
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${look}>${shown}</text>`;
}

/** A picture on white, in the letters of labels. */
export const whiteSheet = ([width, height]: readonly [number, number], parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONTS}">` +
  `<rect width="${width}" height="${height}" fill="#ffffff"/>${parts.join('')}</svg>`;

/** The colours of a map from left to right, to be used by `colourBar`. */
export function colourGradient(colormap: ColormapName): string {
  const from = isDiverging(colormap) ? -1 : 0;
  const stops = Array.from({ length: 33 }, (_, i) => {
    const [r, g, b] = colourOf(from + ((1 - from) * i) / 32, colormap);
    return `<stop offset="${i / 32}" stop-color="rgb(${r},${g},${b})"/>`;
  });
  return `<defs><linearGradient id="jetgrad-${colormap}">${stops.join('')}</linearGradient></defs>`;
}

/** What stands under the ends of a colour bar. */
export type ColourScale = readonly [low: string, high: string];

/** A bar of the colours, its ends named below. The name of the upper end, which may be long, has the more room. */
export function colourBar(
  { x, y, width, height }: { readonly [side in 'x' | 'y' | 'width' | 'height']: number },
  [low, high]: ColourScale,
  colormap: ColormapName,
): string {
  const name = { size: 13, colour: MUTED };
  const base = y + height + 17;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="url(#jetgrad-${colormap})"/>`,
    label(low, [x, base], { ...name, room: 0.3 * width - 6 }),
    label(high, [x + width, base], { ...name, room: 0.7 * width - 6, anchor: 'end' }),
  ].join('');
}
