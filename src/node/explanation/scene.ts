import type { Region, Selection } from '../../cam/select.ts';
import { cellsOn } from '../../image/cells.ts';
import { type Ground, groundOf } from '../../image/ground.ts';
import { drawnSize } from '../../image/panel.ts';
import type { Picture, Rectangle } from '../../image/picture.ts';
import type { Preprocessing } from '../../model/data/format.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import type { Model } from '../../model/model.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Figure } from './figure.ts';

/** A photograph, and what a network takes of it. */
export interface Pictured {
  readonly picture: Picture;
  /** Of the network, [1, C, H, W]. */
  readonly input: Tensor;
  /** Where the input lies on the photograph. */
  readonly crop: Rectangle;
}

/** A photograph, and what is drawn over it beside the maps. Made once for all maps of a picture. */
export interface Scene extends Pick<Pictured, 'input' | 'crop'> {
  /** What it is called where it is shown. */
  readonly name: string;
  /** Its own sides. */
  readonly sides: Pick<Picture, 'width' | 'height'>;
  /** At the size of the files. */
  readonly ground: Ground;
  /** As a panel shows it: larger where the photograph is smaller than its place there. */
  readonly tile: Ground;
  /** How the input was made. */
  readonly preprocessing: Preprocessing;
  /** Receptive fields of selected neurons, in pixels of the input. */
  readonly fields: readonly Box[];
  /** The selected region, in cells of the layer. */
  readonly region: Region | undefined;
  /** The selection in words; empty without one. */
  readonly selection: string;
  readonly figure: Figure;
}

/** What a scene has beside its picture. */
export type Staging = Pick<Scene, 'name' | 'preprocessing' | 'fields' | 'region' | 'selection' | 'figure'>;

/** Pixels of a tile for each that a small picture takes in a panel, so that lines on it are fine. */
const FINENESS = 2;

export function openScene({ picture, crop, input }: Pictured, staging: Staging): Scene {
  const { size } = staging.figure;
  const ground = groundOf(picture, { crop, size });
  const [across, down] = drawnSize(picture);
  const longest = Math.max(across, down);
  const isSmall = Math.max(ground.picture.width, ground.picture.height) < longest;
  const tile = isSmall ? groundOf(picture, { crop, size: FINENESS * longest }) : ground;
  const { width, height } = picture;
  return { ...staging, sides: { width, height }, ground, tile, input, crop };
}

/** A box of the network's input in pixels of a drawn picture. */
export function onGround(box: Box, { seen }: Ground, input: Tensor): Rectangle {
  return cellsOn(box, input.shape.slice(2), seen);
}

/** Receptive fields of the neurons that are selected, each once, in pixels of the input. */
export function fieldsOf(
  model: Pick<Model, 'receptiveField'>,
  layer: string | undefined,
  { neurons = [] }: Selection = {},
): Box[] {
  const cells = new Map(neurons.map(({ y, x }) => [`${y},${x}`, { y0: y, x0: x, y1: y + 1, x1: x + 1 }]));
  return [...cells.values()].map((cell) => model.receptiveField(layer, cell));
}
