import { scaledMap } from '../../cam/brightest.ts';
import type { Explanation, MethodMap } from '../../cam/explanation.ts';
import { type MethodName, methodOf } from '../../cam/methods.ts';
import { cellsOn, thresholdBox } from '../../image/cells.ts';
import type { ColormapName } from '../../image/colormap.ts';
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
import { encodePng } from '../../node/pictures/encodePng.ts';
import { formatNumber } from '../shared/formatTable.ts';
import { describeExplained, pairOfExplanation, scoreText } from '../shared/pairText.ts';
import { isSummed } from './figureOptions.ts';
import type { MapScale } from './mapScale.ts';
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

/** A method's map, and what it is drawn up to. */
export interface ScaledMap {
  readonly method: MethodName;
  readonly map: MethodMap;
  readonly scale: MapScale;
}

/** The colours of a method's map. */
function colormapOf(method: MethodName, { colormap, signed }: Scene['flags']): ColormapName | undefined {
  return signed === true && isSummed(method) ? 'tide' : colormap;
}

function lookOf(method: MethodName, flags: Scene['flags']): MapLook {
  const { opacity, contours } = flags;
  const colormap = colormapOf(method, flags);
  if (methodOf(method).look === 'pixels') {
    return { ...pixelMapLook, colormap, opacity: opacity ?? pixelMapLook.opacity };
  }
  const levels =
    colormap === 'tide' ? [...contourLevels, ...contourLevels.map((level) => -level)] : contourLevels;
  return { colormap, opacity, contours: contours === true ? levels : [] };
}

const BOX_COLOUR = [96, 232, 255] as const;

/** The threshold box of a map in pixels of `seen`; undefined where it has none. */
export function boxOf({ method, map }: ScaledMap, share: number | undefined, seen: Rectangle) {
  if (share === undefined || methodOf(method).look === 'pixels') return undefined;
  const cells = thresholdBox(map.raw, share);
  return cells && cellsOn(cells, map.raw.shape, seen);
}

/** The map over the photograph; the region, the receptive fields of the neurons, and the threshold box outlined. */
export function drawMap(scaled: ScaledMap, ground: Ground, scene: Scene): Drawn {
  const { method, map, scale } = scaled;
  const covered = drawOver(ground, scaledMap(map.raw, scale.upTo), lookOf(method, scene.flags));
  const { region, fields, input } = scene;
  const ofLayer = methodOf(method).of === 'layer';
  const selected = ofLayer ? fields.map((field) => onGround(field, ground, input)) : [];
  if (ofLayer && region !== undefined) selected.push(cellsOn(region, map.raw.shape, ground.seen));
  const framed = selected.reduce((picture, place) => outline(picture, place), covered);
  const box = boxOf(scaled, scene.flags.box, ground.seen);
  return drawn(box === undefined ? framed : outline(framed, box, { colour: BOX_COLOUR }));
}

/** The sides of what the network saw, at the size of its input or that asked for. */
function sidesOf({ input, flags }: Scene): { width: number; height: number } {
  const [height, width] = input.shape.slice(2);
  const scale = flags.size === undefined ? 1 : flags.size / Math.max(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

/** The map alone, on what the network saw. */
export function drawRaw({ method, map, scale }: ScaledMap, scene: Scene): Drawn {
  return drawn(
    heatmap(scaledMap(map.raw, scale.upTo), { ...sidesOf(scene), colormap: colormapOf(method, scene.flags) }),
  );
}

/** What the network saw. */
export function drawCrop(scene: Scene): Drawn {
  const { width, height } = sidesOf(scene);
  const crop = pictureOfInput(scene.input, scene.preprocessing);
  return drawn(width === crop.width && height === crop.height ? crop : resizePicture(crop, width, height));
}

function detailOf(
  method: MethodName,
  { empty, equals, ...map }: MethodMap,
  { choices: { sigma, samples }, ...explanation }: Explanation,
): string {
  const score = scoreText(map.score, pairOfExplanation(explanation));
  if (equals !== undefined)
    return `score ${score}, ${methodOf(equals.method as MethodName).title} whatever the noise`;
  const noise = `σ ${formatNumber(sigma)}, n ${samples}`;
  const caption = methodOf(method).caption({ score, noise });
  return empty === undefined ? caption : `all zero; ${caption}`;
}

/** The tile of a method, with its own colour bar. */
export function methodTile(
  { method, map, scale }: ScaledMap,
  shown: Drawn,
  { explanation, flags }: { readonly explanation: Explanation; readonly flags: Scene['flags'] },
): PanelTile {
  const ends = scale.upTo > 0 ? ([scale.low, scale.text] as const) : undefined;
  return {
    ...shown,
    title: methodOf(method).title,
    detail: detailOf(method, map, explanation),
    scale: ends,
    colormap: colormapOf(method, flags),
  };
}

function answerOf({ explained, against }: Explanation): string {
  const answer = ({ rank, probability }: Explanation['explained']) =>
    `p = ${formatNumber(probability)}, ${rank === 1 ? 'predicted' : `rank ${rank}`}`;
  return [explained, against].flatMap((each) => (each === undefined ? [] : answer(each))).join(' against ');
}

/** What holds for all tiles, in words. */
function facts({ layer }: Explanation, { selection, flags }: Scene): string[] {
  const { contours, box, signed } = flags;
  return [
    `layer ${layer}`,
    ...(selection === '' ? [] : [`only ${selection}`]),
    ...(signed === true ? ['Σ w·A before its ReLU: red for the class, blue against it'] : []),
    ...(contours === true
      ? [`lines at ${contourLevels.map((level) => `${100 * level} %`).join(', ')} of the scale`]
      : []),
    ...(box === undefined ? [] : [`box round cells of at least ${formatNumber(100 * box)} % of the maximum`]),
  ];
}

/** Tiles of one class. */
export interface ClassTiles {
  readonly explanation: Explanation;
  readonly tiles: readonly PanelTile[];
}

/** A panel of the photograph and every map of a class, labelled, as SVG. */
export function drawPanel({ explanation, tiles }: ClassTiles, photograph: Drawn, scene: Scene): string {
  const { width, height } = scene.sides;
  const first = { ...photograph, title: scene.name, detail: `${width} × ${height}` };
  return panelSvg({
    title: describeExplained(explanation),
    subtitle: [answerOf(explanation), ...facts(explanation, scene)].join('; '),
    tiles: [first, ...tiles],
    colormap: scene.flags.colormap,
  });
}

/** A row for each class: the photograph under the class's name, then its maps. */
export function drawGrid(classes: readonly ClassTiles[], photograph: Drawn, scene: Scene): string {
  const rows = classes.map(({ explanation, tiles }): Panel['tiles'] => [
    {
      ...photograph,
      title: describeExplained(explanation),
      detail: answerOf(explanation),
    },
    ...tiles,
  ]);
  const scale =
    scene.flags.commonScale === true ? 'one scale for all classes of a method' : 'each map on its own scale';
  return panelSvg({
    title: scene.name,
    subtitle: [...facts(classes[0].explanation, scene), scale].join('; '),
    tiles: rows.flat(),
    columns: rows[0].length,
    colormap: scene.flags.colormap,
  });
}
