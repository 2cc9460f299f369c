import type { Choices } from '../../cam/choices.ts';
import type { Explanation, MethodMap } from '../../cam/explanation.ts';
import { type MethodName, methodOf } from '../../cam/methods.ts';
import { outline, overlay } from '../../image/overlay.ts';
import { type PanelTile, panelSvg } from '../../image/panel.ts';
import type { Picture } from '../../image/picture.ts';
import type { InputSize, Rectangle } from '../../image/preprocess.ts';
import { displayScale, resizePicture } from '../../image/resizePicture.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import { encodePng } from '../../node/pictures/decodePicture.ts';
import { renderSvg } from '../../node/pictures/renderSvg.ts';
import { formatNumber } from '../shared/formatTable.ts';
import { describeClass } from '../shared/matchClass.ts';

/** The photograph under the maps. */
export interface Scene {
  readonly name: string;
  readonly picture: Picture;
  /** The part of it that the network saw, as an input of `size`. */
  readonly crop: Rectangle;
  readonly size: Pick<InputSize, 'height' | 'width'>;
  /** Receptive fields of selected neurons, in pixels of the input. */
  readonly fields: readonly Box[];
}

/** A box of the network's input in pixels of the drawn picture. */
function onPicture({ y0, x0, y1, x1 }: Box, { crop, size, picture }: Omit<Scene, 'name'>): Rectangle {
  const scale = displayScale(picture);
  const [sx, sy] = [(crop.width / size.width) * scale, (crop.height / size.height) * scale];
  return {
    x: crop.x * scale + x0 * sx,
    y: crop.y * scale + y0 * sy,
    width: (x1 - x0) * sx,
    height: (y1 - y0) * sy,
  };
}

/** A drawn picture's size and its PNG file. */
export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

function drawn(picture: Picture): Drawn {
  return { width: picture.width, height: picture.height, png: encodePng(picture) };
}

/** The map over the photograph, selected neurons' receptive fields outlined. */
export function drawMap({ normalized }: MethodMap, scene: Scene): Drawn {
  const covered = overlay(scene.picture, normalized, { crop: scene.crop });
  return drawn(scene.fields.reduce((picture, field) => outline(picture, onPicture(field, scene)), covered));
}

function detailOf(method: MethodName, { empty, score }: MethodMap, { sigma, samples }: Choices): string {
  const noise = `σ ${formatNumber(sigma)}, n ${samples}`;
  const caption = methodOf(method).caption({ score, noise });
  return empty === undefined ? caption : `all zero; ${caption}`;
}

/** A panel of the photograph and every map, labelled, as a PNG file. */
export async function drawPanel(
  explanation: Explanation,
  scene: Scene,
  overlays: ReadonlyMap<MethodName, Drawn>,
): Promise<Uint8Array> {
  const { picture, name } = scene;
  const { explained, layer, maps, choices } = explanation;
  const sides = `${picture.width} × ${picture.height}`;
  const tiles: PanelTile[] = [{ ...drawn(atDrawnSize(picture)), title: name, detail: sides }];
  for (const [method, shown] of overlays) {
    const map = maps[method];
    if (map === undefined) continue;
    tiles.push({ ...shown, title: methodOf(method).title, detail: detailOf(method, map, choices) });
  }
  const title = describeClass(explained.classIndex, explained.label);
  const rank = explained.rank === 1 ? 'predicted' : `rank ${explained.rank}`;
  const p = formatNumber(explained.probability);
  const subtitle = `p = ${p}, ${rank}; layer ${layer}; each map divided by its maximum`;
  return renderSvg(panelSvg({ title, subtitle, tiles, scale: ['0', 'maximum'] }));
}

function atDrawnSize(picture: Picture): Picture {
  const scale = displayScale(picture);
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  return resizePicture(picture, width, height);
}
