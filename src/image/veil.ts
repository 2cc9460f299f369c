import type { Tensor } from '../tensor/tensor.ts';
import { type ColormapName, colouring } from './colormap.ts';
import { mapLook } from './looks.ts';
import { alphaOf, spread } from './overlay.ts';
import type { Picture } from './picture.ts';

/**
 * A map [H, W], 0 … 1, as colours that cover more as it grows, to be laid over a photograph that `muted` has made: what `overlay` draws
 * in one picture, in two, so that a photograph is kept once for many maps.
 */
export function veil(
  map: Tensor,
  {
    width,
    height,
    colormap = 'ember',
  }: Pick<Picture, 'width' | 'height'> & { colormap?: ColormapName | undefined },
): Picture {
  const picture = { width, height, data: new Uint8Array(4 * width * height) };
  const plane = spread(map, picture, { x: 0, y: 0, width, height });
  const paint = colouring(colormap);
  for (let i = 0; i < plane.data.length; i++) {
    const value = plane.data[i];
    paint(value, picture.data.subarray(4 * i, 4 * i + 3));
    picture.data[4 * i + 3] = Math.round(255 * mapLook.opacity * alphaOf(value));
  }
  return picture;
}
