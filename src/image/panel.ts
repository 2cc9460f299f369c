import { toBase64 } from '../model/base64.ts';
import { colourOf } from './colormap.ts';

/** One picture of a panel: a PNG file and what stands above it. */
export interface PanelTile {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** A smaller line under the title. */
  readonly detail: string;
}

export interface Panel {
  readonly title: string;
  readonly subtitle: string;
  /** The picture itself first, then the methods. */
  readonly tiles: readonly PanelTile[];
  /** Names under the ends of the colour bar. */
  readonly scale: readonly [low: string, high: string];
}

const MARGIN = 36;
const GAP = 22;
const TILE = 300;
const HEAD = 92;
const CAPTION = 54;
const FOOT = 78;
const COLUMNS = 5;
const INK = '#1b1b22';
const MUTED = '#6b6b76';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => escapes[letter]);

/** Text cut to about so many pixels. */
function fit(text: string, pixels: number, size: number): string {
  const most = Math.floor(pixels / (size * 0.56));
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;
}

function label(
  text: string,
  [x, y]: readonly [number, number],
  { size, colour, weight = 400, anchor = 'start', room }: LabelStyle,
): string {
  const style = `font-size="${size}" fill="${colour}" font-weight="${weight}" text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}" ${style}>${escaped(fit(text, room, size))}</text>`;
}

interface LabelStyle {
  readonly size: number;
  readonly colour: string;
  readonly weight?: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Pixels that the text may take. */
  readonly room: number;
}

function colourBar(x: number, y: number, width: number, [low, high]: readonly [string, string]): string {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const [r, g, b] = colourOf(i / 16);
    return `<stop offset="${i / 16}" stop-color="rgb(${r},${g},${b})"/>`;
  });
  const names: LabelStyle = { size: 13, colour: MUTED, room: width / 2 };
  return [
    `<defs><linearGradient id="scale">${stops.join('')}</linearGradient></defs>`,
    `<rect x="${x}" y="${y}" width="${width}" height="14" rx="3" fill="url(#scale)"/>`,
    label(low, [x, y + 32], names),
    label(high, [x + width, y + 32], { ...names, anchor: 'end' }),
  ].join('');
}

/**
 * A labelled panel as SVG: the picture and every method side by side, captions above them, one colour bar below.
 * Pictures are embedded, so the text stands on its own in a page or a paper.
 */
export function panelSvg({ title, subtitle, tiles, scale }: Panel): string {
  const [first] = tiles;
  const tallest = Math.max(...tiles.map((tile) => (TILE * tile.height) / tile.width));
  const ratio = Math.min(1, (1.4 * TILE) / tallest);
  const columns = Math.min(COLUMNS, tiles.length);
  const rows = Math.ceil(tiles.length / columns);
  const tileHeight = Math.round(tallest * ratio);
  const width = 2 * MARGIN + columns * TILE + (columns - 1) * GAP;
  const height = HEAD + rows * (CAPTION + tileHeight + GAP) + FOOT;
  const room = width - 2 * MARGIN;
  const drawn = tiles.map((tile, i) => {
    const x = MARGIN + (i % columns) * (TILE + GAP);
    const y = HEAD + Math.floor(i / columns) * (CAPTION + tileHeight + GAP);
    const w = Math.round(TILE * ratio);
    const h = Math.round((w * tile.height) / tile.width);
    return [
      label(tile.title, [x, y + 18], { size: 17, colour: INK, weight: 600, room: TILE }),
      label(tile.detail, [x, y + 39], { size: 13, colour: MUTED, room: TILE }),
      `<image x="${x}" y="${y + CAPTION}" width="${w}" height="${h}" preserveAspectRatio="none" href="data:image/png;base64,${toBase64(tile.png)}"/>`,
    ].join('');
  });
  const barWidth = Math.min(TILE, room);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="IBM Plex Sans, Helvetica, Arial, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(title, [MARGIN, 42], { size: 24, colour: INK, weight: 600, room }),
    label(subtitle, [MARGIN, 68], { size: 14, colour: MUTED, room }),
    ...drawn,
    first === undefined ? '' : colourBar(width - MARGIN - barWidth, height - FOOT + 18, barWidth, scale),
    '</svg>',
  ].join('\n');
}
