import { scaledMap } from '../../cam/brightest.ts';
import type { Explanation } from '../../cam/explanation.ts';
import { describeExplained } from '../../cam/pairText.ts';
import { cellsOn, thresholdBox } from '../../image/cells.ts';
import { contourLevels } from '../../image/contours.ts';
import type { Ground } from '../../image/ground.ts';
import { heatmap } from '../../image/heatmap.ts';
import { pixelMapLook } from '../../image/looks.ts';
import { outline } from '../../image/outline.ts';
import { drawOver, type MapLook } from '../../image/overlay.ts';
import { type Panel, type PanelTile, panelSvg } from '../../image/panel.ts';
import type { Picture, Rectangle } from '../../image/picture.ts';
import { pictureOfInput } from '../../image/pictureOfInput.ts';
import { resizePicture } from '../../image/resizePicture.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { largestOf } from '../../tensor/largest.ts';
import { encodePng } from '../pictures/encodePng.ts';
import type { DrawnMap } from './drawnMaps.ts';
import { isAnySubtracted } from './figure.ts';
import { onGround, type Scene } from './scene.ts';

/** A drawn picture's size and its PNG file. */
export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export function drawn(picture: Picture): Drawn {
  return { width: picture.width, height: picture.height, png: encodePng(picture) };
}

function lookOf({ look, colormap }: DrawnMap, { opacity, contours }: Scene['figure']): MapLook {
  if (look === 'pixels') return { ...pixelMapLook, colormap, opacity: opacity ?? pixelMapLook.opacity };
  const levels =
    colormap === 'tide' ? [...contourLevels, ...contourLevels.map((level) => -level)] : contourLevels;
  return { colormap, opacity, contours: contours === true ? levels : [] };
}

const BOX_COLOUR = [96, 232, 255] as const;

/** The threshold box of a map in pixels of `seen`; undefined where it has none. */
export function boxOf({ raw, look, isDifference }: DrawnMap, share: number | undefined, seen: Rectangle) {
  if (share === undefined || look === 'pixels' || isDifference) return undefined;
  const cells = thresholdBox(raw, share);
  return cells && cellsOn(cells, raw.shape, seen);
}

/** The map over the photograph; the region, the receptive fields of the neurons, and the threshold box outlined. */
export function drawMap(map: DrawnMap, ground: Ground, scene: Scene): Drawn {
  const { raw, scale, ofLayer } = map;
  const covered = drawOver(ground, scaledMap(raw, scale.upTo), lookOf(map, scene.figure));
  const { region, fields, input } = scene;
  const selected = ofLayer ? fields.map((field) => onGround(field, ground, input)) : [];
  if (map.chosen !== undefined) selected.push(onGround(map.chosen, ground, input));
  if (ofLayer && region !== undefined) selected.push(cellsOn(region, raw.shape, ground.seen));
  const framed = selected.reduce((picture, place) => outline(picture, place), covered);
  const box = boxOf(map, scene.figure.box, ground.seen);
  return drawn(box === undefined ? framed : outline(framed, box, { colour: BOX_COLOUR }));
}

/** The sides of what the network saw, at the size of its input or that asked for. */
function sidesOf({ input, figure }: Scene): { width: number; height: number } {
  const [height, width] = input.shape.slice(2);
  const longest = figure.size;
  const scale = longest === undefined ? 1 : longest / Math.max(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** The map alone, on what the network saw. */
export function drawRaw({ raw, scale, colormap }: DrawnMap, scene: Scene): Drawn {
  return drawn(heatmap(scaledMap(raw, scale.upTo), { ...sidesOf(scene), colormap }));
}

/** What the network saw. */
export function drawCrop(scene: Scene): Drawn {
  const { width, height } = sidesOf(scene);
  const crop = pictureOfInput(scene.input, scene.preprocessing);
  return drawn(width === crop.width && height === crop.height ? crop : resizePicture(crop, width, height));
}

/** The tile of a map, with its own colour bar. */
export function mapTile({ scale, title, detail, colormap }: DrawnMap, shown: Drawn): PanelTile {
  const ends = scale.upTo > 0 ? ([scale.low, scale.text] as const) : undefined;
  return { ...shown, title, detail, scale: ends, colormap };
}

function answerOf({ explained, against, choices }: Explanation): string {
  if (choices.expression !== undefined) {
    return explained.label === choices.expression ? `Y = ${formatNumber(explained.logit)}` : '';
  }
  const p = `p = ${formatNumber(explained.probability)}`;
  if (against === undefined) return `${p}, ${explained.rank === 1 ? 'predicted' : `rank ${explained.rank}`}`;
  return `${p} against ${formatNumber(against.probability)}, rank ${explained.rank} against ${against.rank}`;
}

/** What holds for all tiles, in words. */
function facts({ layer }: Explanation, { selection, figure }: Scene): string[] {
  const { contours, signed, commonScale, box } = figure;
  return [
    `layer ${layer}`,
    ...(selection === '' ? [] : [`only ${selection}`]),
    ...(signed === true ? ['Σ w·A before its ReLU: red for the class, blue against it'] : []),
    ...(isAnySubtracted(figure)
      ? [`differences of maps ${commonScale === true ? 'on the common scale' : 'divided by their maxima'}`]
      : []),
    ...(contours === true
      ? [`lines at ${contourLevels.map((level) => `${100 * level} %`).join(', ')} of the scale`]
      : []),
    ...(box === undefined ? [] : [`box round cells of at least ${formatNumber(100 * box)} % of the maximum`]),
  ];
}

/** Tiles of one class, or of one less another. */
export interface ClassTiles {
  readonly title: string;
  /** What is known of the class. */
  readonly answer: string;
  readonly explanation: Explanation;
  readonly tiles: readonly PanelTile[];
}

export const tilesOf = (explanation: Explanation, tiles: readonly PanelTile[]): ClassTiles => ({
  title: describeExplained(explanation),
  answer: answerOf(explanation),
  ...{ explanation, tiles },
});

export const tilesOfDifference = (
  [first, second]: readonly [Explanation, Explanation],
  tiles: readonly PanelTile[],
): ClassTiles => ({
  title: `${describeExplained(first)} − ${describeExplained(second)}`,
  answer: 'the maps of the one class less those of the other',
  explanation: first,
  tiles,
});

/** A panel of the photograph and every map of a class, labelled, as SVG. */
export function drawPanel(drawnClass: ClassTiles, photograph: Drawn, scene: Scene): string {
  const { title, answer, explanation, tiles } = drawnClass;
  const { width, height } = scene.sides;
  const first = { ...photograph, title: scene.name, detail: `${width} × ${height}` };
  return panelSvg({
    title,
    subtitle: [answer, ...facts(explanation, scene)].filter((each) => each !== '').join('; '),
    tiles: [first, ...tiles],
    colormap: scene.figure.colormap,
  });
}

/** A row for each class: the photograph under the class's name, then its maps. */
export function drawGrid(classes: readonly ClassTiles[], photograph: Drawn, scene: Scene): string {
  const columns =
    1 +
    largestOf(
      classes.map(({ tiles }) => tiles.length),
      0,
    );
  const rows = classes.map(({ title, answer, tiles }): Panel['tiles'] => [
    { ...photograph, title, detail: answer },
    ...tiles,
    ...new Array<undefined>(columns - 1 - tiles.length).fill(undefined),
  ]);
  const scale =
    scene.figure.commonScale === true ? 'one scale for all classes of a method' : 'each map on its own scale';
  return panelSvg({
    title: scene.name,
    subtitle: [...facts(classes[0].explanation, scene), scale].join('; '),
    tiles: rows.flat(),
    columns,
    colormap: scene.figure.colormap,
  });
}
