import { toBase64 } from '../tensor/base64.ts';
import { largestOf } from '../tensor/largest.ts';
import { type ColormapName, colourOf } from './colormap.ts';
import { fitText, type TextStyle } from './textWidth.ts';

/** One picture of a panel: a PNG file and what stands above it. */
export interface PanelTile {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** A smaller line under the title. */
  readonly detail: string;
}

/** What a panel shows: a heading, pictures with captions, a colour bar. */
export interface Panel {
  readonly title: string;
  readonly subtitle: string;
  /** The picture itself first, then the methods. */
  readonly tiles: readonly PanelTile[];
  /** Names under the ends of the colour bar. */
  readonly scale: readonly [low: string, high: string];
  readonly colormap?: ColormapName | undefined;
}

const MARGIN = 32;
const GAP = 20;
const ROW_GAP = 28;
const WIDEST = 1800;
const HEAD = 78;
const CAPTION = 50;
const FOOT = 58;
/** Side of a square picture; others get its area, as far as the longest side allows. */
const SIDE = 320;
const LONGEST = 440;
/** Captions need some room under narrow pictures. */
const NARROWEST = 240;

const INK = '#17171c';
const MUTED = '#62626c';
const FONTS = "'IBM Plex Sans', Helvetica, Arial, sans-serif";

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

/** What XML forbids: control characters, halves of a surrogate pair, U+FFFE and U+FFFF; line ends too. Source: XML 1.0, 2.2. */
const forbidden = /[^\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Text for XML; characters that it forbids become spaces. */
function escaped(text: string): string {
  return text.replace(forbidden, ' ').replace(/[&<>"]/g, (letter) => escapes.get(letter) ?? letter);
}

interface Label extends TextStyle {
  readonly colour: string;
  readonly anchor?: 'start' | 'end';
  /** Pixels that the text may take. */
  readonly room: number;
}

function label(text: string, [x, y]: readonly [number, number], style: Label): string {
  const { size, colour, bold = false, anchor = 'start', room } = style;
  const look = `font-size="${size}" font-weight="${bold ? 600 : 400}" fill="${colour}"`;
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${look}>${escaped(fitText(text, room, style))}</text>`;
}

/** Drawn width and height of a picture: the area of a square of SIDE, whole pixels. */
export function drawnSize({ width, height }: { width: number; height: number }): [number, number] {
  const ratio = width / height;
  const w = Math.min(SIDE * Math.sqrt(ratio), LONGEST, LONGEST * ratio);
  return [Math.max(1, Math.round(w)), Math.max(1, Math.round(w / ratio))];
}

function drawTile(tile: PanelTile, [x, y]: readonly [number, number], room: number): string {
  const [width, height] = drawnSize(tile);
  const box = `x="${x}" y="${y + CAPTION}" width="${width}" height="${height}"`;
  const href = `data:image/png;base64,${toBase64(tile.png)}`;
  return [
    label(tile.title, [x, y + 16], { size: 16, colour: INK, bold: true, room }),
    label(tile.detail, [x, y + 37], { size: 13, colour: MUTED, room }),
    `<image ${box} preserveAspectRatio="none" href="${href}"/>`,
    `<rect ${box} fill="none" stroke="#000" stroke-opacity="0.12"/>`,
  ].join('');
}

/** A bar of the colours, its ends named below. */
function colourBar(
  [x, y, width]: readonly [number, number, number],
  { scale, colormap = 'ember' }: Panel,
): string {
  const stops = Array.from({ length: 33 }, (_, i) => {
    const [r, g, b] = colourOf(i / 32, colormap);
    return `<stop offset="${i / 32}" stop-color="rgb(${r},${g},${b})"/>`;
  });
  const name: Label = { size: 13, colour: MUTED, room: width / 2 - 6 };
  return [
    `<defs><linearGradient id="jetgrad-${colormap}">${stops.join('')}</linearGradient></defs>`,
    `<rect x="${x}" y="${y}" width="${width}" height="10" fill="url(#jetgrad-${colormap})"/>`,
    label(scale[0], [x, y + 27], name),
    label(scale[1], [x + width, y + 27], { ...name, anchor: 'end' }),
  ].join('');
}

/**
 * A labelled panel as SVG: the picture and every method side by side, in rows where they are many, captions above them,
 * one colour bar below. The pictures are embedded, so that it stands on its own in a page or a paper; labels that are
 * too long are shortened.
 * @example
 * const png = encodePng({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 255) });
 * const tile = { png, width: 1, height: 1, title: 'Grad-CAM', detail: 'score logit' };
 * const svg = panelSvg({ title: 'cat', subtitle: 'p 0.9', tiles: [tile], scale: ['0', 'maximum'] });
 * svg.startsWith('<svg') // true
 */
export function panelSvg(panel: Panel): string {
  const { title, subtitle, tiles } = panel;
  const sizes = tiles.map(drawnSize);
  const cell = largestOf(
    sizes.map(([width]) => width),
    NARROWEST,
  );
  const tallest = largestOf(
    sizes.map(([, height]) => height),
    0,
  );
  const most = Math.max(1, Math.floor((WIDEST - 2 * MARGIN + GAP) / (cell + GAP)));
  const rows = Math.max(1, Math.ceil(tiles.length / most));
  const columns = Math.max(1, Math.ceil(tiles.length / rows));
  const room = columns * (cell + GAP) - GAP;
  const width = room + 2 * MARGIN;
  const step = CAPTION + tallest + ROW_GAP;
  const foot = MARGIN + HEAD + rows * step - ROW_GAP;
  const height = foot + FOOT + MARGIN - 14;
  const left = (i: number) => MARGIN + (i % columns) * (cell + GAP);
  const top = (i: number) => MARGIN + HEAD + Math.floor(i / columns) * step;
  const view = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${view} role="img" font-family="${FONTS}">`,
    `<title>${escaped(`${title}: ${subtitle}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(title, [MARGIN, MARGIN + 20], { size: 24, colour: INK, bold: true, room }),
    label(subtitle, [MARGIN, MARGIN + 46], { size: 14, colour: MUTED, room }),
    ...tiles.map((tile, i) => drawTile(tile, [left(i), top(i)], cell)),
    colourBar([left(Math.max(0, tiles.length - 1)), foot + 18, cell], panel),
    '</svg>',
  ].join('\n');
}
