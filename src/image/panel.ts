import { toBase64 } from '../tensor/base64.ts';
import { InputError } from '../tensor/errors.ts';
import { largestOf } from '../tensor/largest.ts';
import { checkOptions, type OptionKinds } from '../tensor/options.ts';
import type { ColormapName } from './colormap.ts';
import {
  type ColourScale,
  colourBar,
  colourGradient,
  escaped,
  FONTS,
  FRAME,
  INK,
  label,
  MUTED,
} from './svgParts.ts';
import { wantSides } from './wanted.ts';

/** One picture of a panel: a PNG file and what stands above and below it. */
export interface PanelTile {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** A smaller line under the title. */
  readonly detail: string;
  /** What stands under the ends of a colour bar of its own; it has none without. */
  readonly scale?: readonly [low: string, high: string] | undefined;
  /** Of that bar; the panel's unless given. */
  readonly colormap?: ColormapName | undefined;
}

/** What a panel shows: a heading, pictures with captions, colour bars. */
export interface Panel {
  readonly title: string;
  readonly subtitle: string;
  /** The picture itself first, then the methods; undefined leaves a place free. */
  readonly tiles: readonly (PanelTile | undefined)[];
  /** Names under the ends of a colour bar for all; none is drawn without. */
  readonly scale?: readonly [low: string, high: string] | undefined;
  /** `ember` unless given. */
  readonly colormap?: ColormapName | undefined;
  /** Pictures in a row; as many as fit, in rows of even length, unless given. */
  readonly columns?: number | undefined;
}

const MARGIN = 32;
const GAP = 20;
const ROW_GAP = 28;
const WIDEST = 1800;
const HEAD = 78;
const CAPTION = 50;
/** Height of a bar for all, and of what is below it. */
const FOOT = 58;
/** Under a picture: its own bar and the names of the ends. */
const BAR = 36;
/** Side of a square picture; others get its area, as far as the longest side allows. */
const SIDE = 320;
const LONGEST = 440;
/** Captions need some room under narrow pictures. */
const NARROWEST = 240;

/** Drawn width and height of a picture: the area of a square of SIDE, whole pixels. */
export function drawnSize({ width, height }: { width: number; height: number }): [number, number] {
  const ratio = width / height;
  const w = Math.min(SIDE * Math.sqrt(ratio), LONGEST, LONGEST * ratio);
  return [Math.max(1, Math.round(w)), Math.max(1, Math.round(w / ratio))];
}

function drawTile(
  tile: PanelTile,
  [x, y]: readonly [number, number],
  { room, colormap }: { readonly room: number; readonly colormap: ColormapName },
): string {
  const [width, height] = drawnSize(tile);
  const box = `x="${x}" y="${y + CAPTION}" width="${width}" height="${height}"`;
  const href = `data:image/png;base64,${toBase64(tile.png)}`;
  const bar = { x, y: y + CAPTION + height + 9, width: Math.max(width, NARROWEST), height: 6 };
  return [
    label(tile.title, [x, y + 16], { size: 16, colour: INK, bold: true, room }),
    label(tile.detail, [x, y + 37], { size: 13, colour: MUTED, room }),
    `<image ${box} preserveAspectRatio="none" href="${href}"/>`,
    `<rect ${box} fill="none" stroke="${FRAME}"/>`,
    tile.scale === undefined ? '' : colourBar(bar, tile.scale, tile.colormap ?? colormap),
  ].join('');
}

/** Where everything is: of a cell for a picture, and of the page. */
function layOut({ tiles, scale, columns: wanted }: Panel) {
  const drawn = tiles.filter((tile) => tile !== undefined);
  const sizes = drawn.map(drawnSize);
  const cell = largestOf(
    sizes.map(([width]) => width),
    NARROWEST,
  );
  const tallest = largestOf(
    sizes.map(([, height]) => height),
    0,
  );
  const most = Math.max(1, Math.floor((WIDEST - 2 * MARGIN + GAP) / (cell + GAP)));
  const fitting = Math.ceil(tiles.length / Math.max(1, Math.ceil(tiles.length / most)));
  const columns = Math.max(1, wanted ?? fitting);
  const rows = Math.max(1, Math.ceil(tiles.length / columns));
  const bar = drawn.some((tile) => tile.scale !== undefined) ? BAR : 0;
  const step = CAPTION + tallest + bar + ROW_GAP;
  const room = columns * (cell + GAP) - GAP;
  const foot = MARGIN + HEAD + rows * step - ROW_GAP;
  return {
    ...{ cell, room, foot },
    width: room + 2 * MARGIN,
    height: foot + (scale === undefined ? 0 : FOOT - 14) + MARGIN,
    left: (i: number) => MARGIN + (i % columns) * (cell + GAP),
    top: (i: number) => MARGIN + HEAD + Math.floor(i / columns) * step,
  };
}

const panelKinds = {
  title: 'text',
  subtitle: 'text',
  tiles: 'list',
  scale: 'texts',
  colormap: 'text',
  columns: 'count',
} as const satisfies OptionKinds & Record<keyof Panel, OptionKinds[string]>;

const tileKinds = {
  png: 'numbers',
  width: 'number',
  height: 'number',
  title: 'text',
  detail: 'text',
  scale: 'texts',
  colormap: 'text',
} as const satisfies OptionKinds & Record<keyof PanelTile, OptionKinds[string]>;

/** @throws InputError for what is no panel. */
function checkPanel(panel: Panel): void {
  const action = 'draw the panel';
  checkOptions(panel ?? null, panelKinds, action);
  if (!Array.isArray(panel.tiles))
    throw new InputError(`Cannot ${action}: tiles must be a list, got nothing`);
  for (const tile of panel.tiles as readonly (PanelTile | undefined)[]) {
    if (tile === undefined) continue;
    checkOptions(tile, tileKinds, action);
    wantSides(Object.entries({ width: tile.width, height: tile.height }), action);
    const isWhole =
      tile.png instanceof Uint8Array && typeof tile.title === 'string' && typeof tile.detail === 'string';
    if (isWhole) continue;
    throw new InputError(
      `Cannot ${action}: a tile needs the bytes of a png, a title and a detail; see encodePng`,
    );
  }
}

/**
 * A labelled panel as SVG: the picture and every method side by side, in rows where they are many, captions above them,
 * colour bars below. The pictures are embedded and all text is text, so that it stands on its own in a page or a paper; labels that are
 * too long are shortened.
 * @example
 * const png = encodePng({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 255) });
 * const tile = { png, width: 1, height: 1, title: 'Grad-CAM', detail: 'score logit' };
 * const svg = panelSvg({ title: 'cat', subtitle: 'p 0.9', tiles: [tile], scale: ['0', 'maximum'] });
 * svg.startsWith('<svg') // true
 */
export function panelSvg(panel: Panel): string {
  checkPanel(panel);
  const { title, subtitle, tiles, scale, colormap = 'ember' } = panel;
  const { width, height, cell, room, foot, left, top } = layOut(panel);
  // Browsers print the file on one page of its size.
  const page = `<style>@page{size:${width}px ${height}px;margin:0}</style>`;
  const view = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const last = { x: left(Math.max(0, tiles.length - 1)), y: foot + 18, width: cell, height: 10 };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${view} role="img" font-family="${FONTS}">`,
    `<title>${escaped(`${title}: ${subtitle}`)}</title>`,
    page,
    ...[...new Set([colormap, ...tiles.map((tile) => tile?.colormap ?? colormap)])].map(colourGradient),
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(title, [MARGIN, MARGIN + 20], { size: 24, colour: INK, bold: true, room }),
    label(subtitle, [MARGIN, MARGIN + 46], { size: 14, colour: MUTED, room }),
    ...tiles.map((tile, i) =>
      tile === undefined ? '' : drawTile(tile, [left(i), top(i)], { room: cell, colormap }),
    ),
    scale === undefined ? '' : colourBar(last, scale as ColourScale, colormap),
    '</svg>',
  ].join('\n');
}
