import { checkOptions } from '../tensor/options.ts';
import type { Rgb } from './colormap.ts';
import type { Picture, Rectangle } from './picture.ts';
import { RECTANGLE, wantNumbers, wantPicture } from './wanted.ts';

/** How a line is drawn. */
export interface OutlineOptions {
  readonly colour?: Rgb | undefined;
  /** Pixels, drawn inwards from the edge; by the picture's size unless given. */
  readonly width?: number | undefined;
}

const clamp = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));

/**
 * A rectangle's outline on a picture: a line of the colour within a dark one, seen on any ground. What lies outside the
 * picture is cut off, with its edges.
 * @example
 * const black = { width: 8, height: 8, data: new Uint8Array(256) };
 * const framed = outline(black, { x: 0, y: 0, width: 8, height: 8 }, { colour: [255, 0, 0], width: 1 });
 * framed.data.slice(0, 4) // [255, 0, 0, 255]
 */
export function outline(picture: Picture, place: Rectangle, options: OutlineOptions = {}): Picture {
  const action = 'draw the outline';
  wantPicture(picture, action);
  wantNumbers(place, RECTANGLE, 'the rectangle', action);
  checkOptions(options, { colour: 'numbers', width: 'number' }, action);
  const { colour = [255, 255, 255], width: thickness } = options;
  const { x, y, width, height } = place;
  const line = Math.max(1, Math.round(thickness ?? Math.max(picture.width, picture.height) / 280));
  const shadow = Math.ceil(line / 2);
  const data = picture.data.slice();
  const [left, top] = [Math.round(x), Math.round(y)];
  const [right, bottom] = [
    Math.max(left + 1, Math.round(x + width)),
    Math.max(top + 1, Math.round(y + height)),
  ];
  for (let py = clamp(top, picture.height); py < clamp(bottom, picture.height); py++) {
    for (let px = clamp(left, picture.width); px < clamp(right, picture.width); px++) {
      const depth = Math.min(px - left, right - 1 - px, py - top, bottom - 1 - py);
      if (depth >= line + shadow) continue;
      data.set(depth < line ? [...colour, 255] : [20, 20, 24, 255], 4 * (py * picture.width + px));
    }
  }
  return { ...picture, data };
}
