import { basename } from 'node:path';
import type { Region } from '../../cam/select.ts';
import { cellsOn } from '../../image/cells.ts';
import { type Ground, groundOf } from '../../image/ground.ts';
import { drawnSize } from '../../image/panel.ts';
import type { Picture, Rectangle } from '../../image/picture.ts';
import type { Preprocessing } from '../../model/data/format.ts';
import type { Box } from '../../model/graph/receptiveField.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { drawnSide, type FigureFlags } from './figureOptions.ts';
import type { PreparedImage } from './prepareImages.ts';

/** A photograph, and what is drawn over it beside the maps. Made once for all maps of a picture. */
export interface Scene {
  readonly name: string;
  /** Its own sides. */
  readonly sides: Pick<Picture, 'width' | 'height'>;
  /** At the size of the files. */
  readonly ground: Ground;
  /** As a panel shows it: larger where the photograph is smaller than its place there. */
  readonly tile: Ground;
  /** Of the network, [1, C, H, W], and how it was made. */
  readonly input: Tensor;
  readonly preprocessing: Preprocessing;
  /** Where the input lies on the photograph. */
  readonly crop: Rectangle;
  /** Receptive fields of selected neurons, in pixels of the input. */
  readonly fields: readonly Box[];
  /** The selected region, in cells of the layer. */
  readonly region: Region | undefined;
  /** The selection in words; empty without one. */
  readonly selection: string;
  readonly flags: FigureFlags;
}

/** What a scene has beside its picture. */
export type Staging = Pick<Scene, 'preprocessing' | 'fields' | 'region' | 'selection' | 'flags'>;

/** Pixels of a tile for each that a small picture takes in a panel, so that lines on it are fine. */
const FINENESS = 2;

export function openScene(image: PreparedImage, staging: Staging): Scene {
  const { path, picture, crop, input } = image;
  const size = drawnSide(staging.flags.size);
  const ground = groundOf(picture, { crop, size });
  const [across, down] = drawnSize(picture);
  const longest = Math.max(across, down);
  const isSmall = Math.max(ground.picture.width, ground.picture.height) < longest;
  const tile = isSmall ? groundOf(picture, { crop, size: FINENESS * longest }) : ground;
  const { width, height } = picture;
  return { ...staging, name: basename(path), sides: { width, height }, ground, tile, input, crop };
}

/** A box of the network's input in pixels of a drawn picture. */
export function onGround(box: Box, { seen }: Ground, input: Tensor): Rectangle {
  return cellsOn(box, input.shape.slice(2), seen);
}
