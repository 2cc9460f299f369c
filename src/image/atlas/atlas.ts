import { largestOf } from '../../tensor/largest.ts';
import { colourGradient, escaped, FONTS, INK, label, MUTED } from '../svgParts.ts';
import { aside } from './aside.ts';
import { numberColumns } from './columns.ts';
import { drawNotes } from './notes.ts';
import { type Atlas, imageHref, seenSides, TILE } from './plate.ts';
import { drawTile, HEAD, numbersHeight } from './tile.ts';

const MARGIN = 44;
const TOP = 128;
const GAP = 30;
const ROW_GAP = 38;
const ASIDE = 330;
const ASIDE_GAP = 48;

/** Columns of tiles that come nearest to a plate somewhat wider than high. */
function columnsFor(count: number): number {
  if (count <= 3) return Math.max(1, count);
  return count <= 9 ? 3 : count <= 24 ? 4 : 5;
}

/** A thin rule under the head of the plate, and above its foot. */
const rule = (y: number, width: number) =>
  `<rect x="${MARGIN}" y="${y}" width="${width}" height="1" fill="${INK}"/>`;

/** Tiles of the maps in rows, each as high as its longest list of numbers, with the foot of the last. */
function drawTiles(atlas: Atlas, left: number): { svg: string; bottom: number; columns: number } {
  const { neurons, photograph, veils } = atlas;
  const { maps, logScale } = neurons;
  const numbers = numberColumns(
    maps.flatMap((map) => map.neurons),
    logScale,
  );
  const [, tall] = seenSides(photograph.seen, TILE);
  const columns = columnsFor(maps.length);
  const tiles: string[] = [];
  let top = TOP;
  for (let first = 0; first < maps.length; first += columns) {
    const row = maps.slice(first, first + columns);
    for (const [i, map] of row.entries()) {
      const at = [left + i * (TILE + GAP), top] as const;
      tiles.push(drawTile(map, at, { atlas, veil: veils[first + i], numbers }));
    }
    top += HEAD + tall + numbersHeight(largestOf(row.map((map) => map.neurons.length))) + ROW_GAP;
  }
  return { svg: tiles.join('\n'), bottom: top - ROW_GAP, columns };
}

/**
 * The plate of a layer as SVG: at the left the photograph, the map of the class and the weights of all feature maps, beside them the maps,
 * each over what the network saw, with the receptive fields of its strongest neurons and their numbers; at the foot how they are read. The photograph is kept once for all
 * of them, lines are lines and all text is text.
 */
export function atlasSvg(atlas: Atlas): string {
  const { title, subtitle, ground } = atlas;
  const left = MARGIN + ASIDE + ASIDE_GAP;
  const tiles = drawTiles(atlas, left);
  const beside = aside(atlas, [MARGIN, TOP], ASIDE);
  const room = ASIDE + ASIDE_GAP + tiles.columns * (TILE + GAP) - GAP;
  const width = room + 2 * MARGIN;
  const foot = Math.ceil(Math.max(tiles.bottom, beside.bottom)) + ROW_GAP;
  const places = [
    { x: MARGIN, room: ASIDE },
    ...Array.from({ length: tiles.columns }, (_, i) => ({ x: left + i * (TILE + GAP), room: TILE })),
  ];
  const notes = drawNotes(places, foot + 12);
  const height = Math.ceil(notes.bottom + MARGIN);
  const view = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${view} role="img" font-family="${FONTS}">`,
    `<title>${escaped(`${title}: ${subtitle}`)}</title>`,
    `<style>@page{size:${width}px ${height}px;margin:0}</style>`,
    `<defs><image id="ground" width="${ground.width}" height="${ground.height}" href="${imageHref(ground)}"/></defs>`,
    colourGradient('ember'),
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(title, [MARGIN, MARGIN + 22], { size: 28, colour: INK, bold: true, room }),
    label(subtitle, [MARGIN, MARGIN + 48], { size: 14, colour: MUTED, room }),
    rule(MARGIN + 62, room),
    beside.svg,
    tiles.svg,
    rule(foot, room),
    notes.svg,
    '</svg>',
  ].join('\n');
}
