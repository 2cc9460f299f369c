import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AskedPlace } from '../../src/cam/askedPlace.ts';
import { outlinePlace } from '../../src/image/outlinePlace.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { pixel, plain } from './pixels.ts';

const test = suite('what is asked about');

const gray = plain(80, 40, [128, 128, 128, 255]);
const right: AskedPlace = { kind: 'pixels', mask: tensor([[0, 1]]) };

/** Whether a pixel is green: above what its red and blue are by far. */
const isGreen = ([r, g, b]: readonly number[]) => g > r + 40 && g > b + 60;

test('a line with a dark rim runs along the edge of the pixels, and the rest is as it was', () => {
  const drawn = outlinePlace(gray, right);
  const row = Array.from({ length: 80 }, (_, x) => pixel(drawn, x, 20));
  // Between columns 39 and 40, on half of each; it covers 60 %, its rim four fifths of the dark.
  assert.equal(
    [...row.keys()].filter((x) => row[x].some((value, c) => value !== gray.data[c])),
    [38, 39, 40, 41, 78, 79],
  );
  assert.ok(isGreen(row[39]) && isGreen(row[40]) && isGreen(row[79]));
  assert.equal(row[39], row[40]);
  assert.ok(row[38][1] < 128 && row[41][1] < 128);
  assert.equal(pixel(gray, 40, 20), [128, 128, 128, 255]);
});

test('the line is seen on white, on black and on the colours of maps', () => {
  for (const ground of [
    [255, 255, 255, 255],
    [0, 0, 0, 255],
    [236, 60, 40, 255],
    [0, 130, 120, 255],
  ]) {
    const drawn = outlinePlace(plain(80, 40, ground), right);
    const apart = (x: number) =>
      Math.max(...pixel(drawn, x, 20).map((value, c) => Math.abs(value - ground[c])));
    assert.ok(Math.max(apart(40), apart(38)) > 90, `${ground}: ${apart(40)}, ${apart(38)}`);
  }
});

test('one pixel at the size of the picture has a line round it', () => {
  const mask = tensor([
    [0, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
  const drawn = outlinePlace(plain(4, 4, [0, 0, 0, 255]), { kind: 'pixels', mask });
  assert.ok(isGreen(pixel(drawn, 2, 1)));
  assert.equal(pixel(drawn, 0, 3), [0, 0, 0, 255]);
});

test('it lies on the part of the picture that the network saw', () => {
  const drawn = outlinePlace(gray, right, { x: 40, y: 10, width: 40, height: 20 });
  assert.ok(isGreen(pixel(drawn, 60, 20)));
  assert.equal(pixel(drawn, 40, 20), [128, 128, 128, 255]);
  assert.ok(isGreen(pixel(drawn, 70, 10)));
});

test('a box, and a cross at its point, in pixels of the input', () => {
  const box = { y0: 2, x0: 1, y1: 18, x1: 19 };
  const drawn = outlinePlace(gray, { kind: 'box', box, point: [10, 10], sides: [20, 20] });
  assert.ok(
    [
      [4, 20],
      [75, 20],
      [40, 4],
      [40, 35],
    ].every(([x, y]) => isGreen(pixel(drawn, x, y))),
  );
  assert.ok(
    [
      [34, 20],
      [45, 20],
      [40, 14],
      [40, 25],
    ].every(([x, y]) => isGreen(pixel(drawn, x, y))),
  );
  assert.equal(pixel(drawn, 40, 20), [128, 128, 128, 255]);
  const plainly = outlinePlace(gray, { kind: 'box', box, sides: [20, 20] });
  assert.equal(pixel(plainly, 34, 20), [128, 128, 128, 255]);
});

test('what lies outside is cut off', () => {
  const box = { y0: -30, x0: -30, y1: 60, x1: 60 };
  same(outlinePlace(gray, { kind: 'box', box, sides: [20, 20] }).data, gray.data);
});

test('refuses what is no place', () => {
  assert.throws(
    () => outlinePlace(gray, undefined as never),
    /draw what is asked about: the place must be a record/,
  );
  assert.throws(
    () => outlinePlace(gray, { kind: 'pixels', mask: tensor([1]) }),
    /Cannot draw the pixels: the map's shape must be \[H, W\]/,
  );
});

test.run();
