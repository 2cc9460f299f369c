import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawContours } from '../../src/image/contours.ts';
import { pixel, plain } from './pixels.ts';

const test = suite('contours');

/** A plane that rises by a tenth a column. */
const ramp = (width: number, height: number) => ({
  width,
  height,
  data: Float64Array.from({ length: width * height }, (_, i) => (i % width) / 10),
});

test('a line goes where the values pass its level, with a rim on both sides', () => {
  const picture = plain(11, 3, [100, 100, 100, 255]);
  drawContours(picture, ramp(11, 3), { levels: [0.5], isDrawn: () => true });
  const row = Array.from({ length: 11 }, (_, x) => pixel(picture, x, 1)[0]);
  assert.is(row[5], Math.round(64 + (255 - 64) * 0.95)); // over the rim: 100 − 80 · 0.45 = 64
  assert.equal([row[4], row[6]], [64, 64]);
  assert.equal([row[2], row[3], row[7], row[8]], [100, 100, 100, 100]);
  assert.is(pixel(picture, 5, 1)[3], 255);
});

test('between two pixels it is on both, by half', () => {
  const picture = plain(11, 1, [0, 0, 0, 255]);
  drawContours(picture, ramp(11, 1), { levels: [0.45], isDrawn: () => true });
  assert.equal(
    [4, 5].map((x) => pixel(picture, x, 0)[0]),
    [Math.round(9 + (255 - 9) * 0.475), Math.round(9 + (255 - 9) * 0.475)],
  );
});

test('flat places and what is not seen have no lines', () => {
  const picture = plain(4, 4, [100, 100, 100, 255]);
  drawContours(
    picture,
    { width: 4, height: 4, data: new Float64Array(16).fill(0.5) },
    { levels: [0.5], isDrawn: () => true },
  );
  drawContours(picture, ramp(4, 4), { levels: [0.1], isDrawn: () => false });
  assert.ok(picture.data.every((value, i) => value === (i % 4 === 3 ? 255 : 100)));
});

test.run();
