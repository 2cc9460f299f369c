import { checkOptions } from '../tensor/options.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type ColormapName, colouring } from './colormap.ts';
import { spread } from './overlay.ts';
import type { Picture } from './picture.ts';
import { wantSides } from './wanted.ts';

/** How large a map is drawn, and in which colours. */
export interface HeatmapOptions {
  readonly width: number;
  readonly height: number;
  /** `ember` unless given; `tide` for maps −1 … 1. */
  readonly colormap?: ColormapName | undefined;
}

/**
 * A map [H, W], 0 … 1, in its colours alone, without a photograph, upsampled as `overlay` does.
 * @throws InputError for a map that is not [H, W], and an unknown colour map.
 * @example
 * heatmap(tensor([[0, 1]]), { width: 2, height: 1 }).data // [16, 10, 35, 255, 255, 248, 188, 255]
 */
export function heatmap(map: Tensor, options: HeatmapOptions): Picture {
  const action = 'draw the map';
  checkOptions(options ?? null, { width: 'number', height: 'number', colormap: 'text' }, action);
  const { width, height, colormap = 'ember' } = options;
  wantSides(Object.entries({ width, height }), action);
  const picture = { width, height, data: new Uint8Array(4 * width * height).fill(255) };
  const plane = spread(map, picture, { x: 0, y: 0, width, height });
  const paint = colouring(colormap);
  for (let i = 0; i < plane.data.length; i++) {
    paint(plane.data[i], picture.data.subarray(4 * i, 4 * i + 3));
  }
  return picture;
}
