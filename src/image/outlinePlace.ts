import type { AskedPlace } from '../cam/askedPlace.ts';
import { wantRecord } from '../tensor/options.ts';
import { cellsOn } from './cells.ts';
import type { Rgb } from './colormap.ts';
import { maskOutline, type Segment } from './maskOutline.ts';
import type { Picture, Rectangle } from './picture.ts';
import { reachOf, type Stroke, strokePixel } from './stroke.ts';
import { RECTANGLE, wantMap, wantNumbers, wantPicture } from './wanted.ts';

/** What is asked about has a colour of its own: no colour map has it, nor other lines. */
const COLOUR: Rgb = [170, 255, 64];
/** The line and its rim on a picture of these sides. */
function strokeFor({ width, height }: Picture): Stroke {
  const half = Math.max(0.6, Math.max(width, height) / 500);
  return { colour: COLOUR, half, rim: { width: Math.max(0.8, half), opacity: 0.8 } };
}
/** How far the cross at a point reaches, and the gap in its middle, in widths of the line. */
const CROSS = { reach: 7, gap: 2.5 };

function* cornersOf({ x, y, width, height }: Rectangle): Generator<Segment, void, undefined> {
  const [right, bottom] = [x + width, y + height];
  yield* [
    [x, y, right, y],
    [right, y, right, bottom],
    [right, bottom, x, bottom],
    [x, bottom, x, y],
  ] as const;
}

/** A cross whose middle is free. */
function* crossAt(x: number, y: number, width: number): Generator<Segment, void, undefined> {
  const [reach, gap] = [CROSS.reach * width, CROSS.gap * width];
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ]) {
    yield [x + gap * dx, y + gap * dy, x + reach * dx, y + reach * dy];
  }
}

/** The lines that show a place, in pixels of a picture on `seen` of which the network's input lies. */
function* linesOf(place: AskedPlace, seen: Rectangle, half: number): Generator<Segment, void, undefined> {
  if (place.kind === 'pixels') {
    const mask = wantMap(place.mask, 'draw the pixels');
    const [sx, sy] = [seen.width / mask.shape[1], seen.height / mask.shape[0]];
    for (const [x0, y0, x1, y1] of maskOutline(mask)) {
      yield [seen.x + x0 * sx, seen.y + y0 * sy, seen.x + x1 * sx, seen.y + y1 * sy];
    }
    return;
  }
  yield* cornersOf(cellsOn(place.box, place.sides, seen));
  if (place.point === undefined) return;
  const [[x, y], [height, width]] = [place.point, place.sides];
  yield* crossAt(seen.x + (x * seen.width) / width, seen.y + (y * seen.height) / height, 2 * half);
}

function distanceTo([x0, y0, x1, y1]: Segment, x: number, y: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  const [ex, ey] = [x - x0 - t * dx, y - y0 - t * dy];
  return Math.sqrt(ex * ex + ey * ey);
}

/** How far each pixel's centre is from the nearest of the lines; Infinity where that is beyond reach. */
function distances({ width, height }: Picture, lines: Iterable<Segment>, reach: number): Float32Array {
  const nearest = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  for (const line of lines) {
    const [x0, y0, x1, y1] = line;
    const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    const right = Math.min(width - 1, Math.ceil(Math.max(x0, x1) + reach));
    const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
    const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y1) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const i = y * width + x;
        nearest[i] = Math.min(nearest[i], distanceTo(line, x + 0.5, y + 0.5));
      }
    }
  }
  return nearest;
}

/**
 * A picture with what a question is about (the `place` of an explanation) in a fine green line with a dark rim: round the pixels that are
 * summed, or the box that is explained, with a cross at the point that it was to hold. The network's input lies on `seen`, on all of the picture
 * unless given. What lies outside of the picture is cut off.
 * @throws InputError for what is no picture, no place or no rectangle.
 * @example
 * const gray = { width: 40, height: 40, data: new Uint8Array(6400).fill(128) };
 * const mask = tensor([[0, 0], [0, 1]]);
 * const shown = outlinePlace(gray, { kind: 'pixels', mask });
 * shown.data.slice(4 * (30 * 40 + 20), 4 * (30 * 40 + 20) + 4) // [115, 163, 55, 128]
 */
export function outlinePlace(picture: Picture, place: AskedPlace, seen?: Rectangle): Picture {
  const action = 'draw what is asked about';
  wantPicture(picture, action);
  wantRecord(place, 'the place', action);
  const { width, height } = picture;
  if (seen !== undefined) wantNumbers(seen, RECTANGLE, 'what is seen', action);
  const stroke = strokeFor(picture);
  const lines = linesOf(place, seen ?? { x: 0, y: 0, width, height }, stroke.half);
  const nearest = distances(picture, lines, reachOf(stroke));
  const data = picture.data.slice();
  for (let i = 0; i < nearest.length; i++) {
    if (nearest[i] < Number.POSITIVE_INFINITY) strokePixel(data, 4 * i, { ...stroke, distance: nearest[i] });
  }
  return { width, height, data };
}
