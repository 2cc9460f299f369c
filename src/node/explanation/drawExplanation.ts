import type { AskedPlace } from '../../cam/askedPlace.ts';
import { scaledMap } from '../../cam/brightest.ts';
import type { Explanation } from '../../cam/explanation.ts';
import { describeExplained } from '../../cam/pairText.ts';
import { cellsOn, thresholdBox } from '../../image/cells.ts';
import { contourLevels } from '../../image/contours.ts';
import type { Ground } from '../../image/ground.ts';
import { heatmap } from '../../image/heatmap.ts';
import { pixelMapLook } from '../../image/looks.ts';
import { outline } from '../../image/outline.ts';
import { outlinePlace } from '../../image/outlinePlace.ts';
import { drawOver, type MapLook } from '../../image/overlay.ts';
import { type Panel, type PanelTile, panelSvg } from '../../image/panel.ts';
import type { Picture, Rectangle } from '../../image/picture.ts';
import { pictureOfInput } from '../../image/pictureOfInput.ts';
import { resizePicture } from '../../image/resizePicture.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { largestOf } from '../../tensor/largest.ts';
import { contiguous } from '../../tensor/tensor.ts';
import { encodePng } from '../pictures/encodePng.ts';
import { type DrawnMap, placesOf } from './drawnMaps.ts';
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

/** The map over the photograph; the region, the receptive fields of the neurons, the threshold box and what is asked about outlined. */
export function drawMap(map: DrawnMap, ground: Ground, scene: Scene): Drawn {
  const { raw, scale, ofLayer } = map;
  const covered = drawOver(ground, scaledMap(raw, scale.upTo), lookOf(map, scene.figure));
  const { region, fields, input } = scene;
  const selected = ofLayer ? fields.map((field) => onGround(field, ground, input)) : [];
  if (ofLayer && region !== undefined) selected.push(cellsOn(region, raw.shape, ground.seen));
  const framed = selected.reduce((picture, place) => outline(picture, place), covered);
  const box = boxOf(map, scene.figure.box, ground.seen);
  const boxed = box === undefined ? framed : outline(framed, box, { colour: BOX_COLOUR });
  return drawn(map.places.reduce((picture, place) => outlinePlace(picture, place, ground.seen), boxed));
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

/** What holds for all tiles of these explanations, in words. */
function facts(explanations: readonly Explanation[], { selection, figure }: Scene): string[] {
  const { contours, signed, commonScale, box } = figure;
  const [{ layer }] = explanations;
  return [
    ...placeText(placesOf(explanations)),
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

/** What the lines that places are drawn with are of. */
function placeText(places: readonly AskedPlace[]): string[] {
  const [first] = places;
  if (first === undefined) return [];
  if (first.kind === 'pixels') {
    const count = contiguous(first.mask).data.reduce((sum, value) => sum + value, 0);
    return places.length === 1
      ? [`green line round the ${count} pixels that are summed`]
      : ['green lines round the pixels that are summed'];
  }
  const point = first.point === undefined ? '' : ', chosen by the point at the cross';
  return [
    places.length === 1 ? `green box: what is explained${point}` : `green boxes: what is explained${point}`,
  ];
}

/** Tiles of one class, or of one less another. */
export interface ClassTiles {
  readonly title: string;
  /** What is known of the class. */
  readonly answer: string;
  /** The class's explanation, or those of both. */
  readonly explanations: readonly Explanation[];
  readonly tiles: readonly PanelTile[];
}

export const tilesOf = (explanation: Explanation, tiles: readonly PanelTile[]): ClassTiles => ({
  title: describeExplained(explanation),
  answer: answerOf(explanation),
  ...{ explanations: [explanation], tiles },
});

export const tilesOfDifference = (
  [first, second]: readonly [Explanation, Explanation],
  tiles: readonly PanelTile[],
): ClassTiles => ({
  title: `${describeExplained(first)} − ${describeExplained(second)}`,
  answer: 'the maps of the one class less those of the other',
  explanations: [first, second],
  tiles,
});

/** A panel of the photograph and every map of a class, labelled, as SVG. */
export function drawPanel(drawnClass: ClassTiles, photograph: Drawn, scene: Scene): string {
  const { title, answer, explanations, tiles } = drawnClass;
  const { width, height } = scene.sides;
  const first = { ...photograph, title: scene.name, detail: `${width} × ${height}` };
  return panelSvg({
    title,
    subtitle: [answer, ...facts(explanations, scene)].filter((each) => each !== '').join('; '),
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
    subtitle: [
      ...facts(
        classes.flatMap((each) => each.explanations),
        scene,
      ),
      scale,
    ].join('; '),
    tiles: rows.flat(),
    columns,
    colormap: scene.figure.colormap,
  });
}
