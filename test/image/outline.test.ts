import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { outline } from '../../src/image/outline.ts';
import { same } from '../support/check.ts';
import { pixel, plain } from './pixels.ts';

const test = suite('outline');

test('a line of the colour with a dark one inside, the middle untouched', () => {
  const gray = plain(20, 20, [128, 128, 128, 255]);
  const drawn = outline(gray, { x: 3, y: 4, width: 10, height: 8 }, { colour: [255, 0, 0], width: 2 });
  const across = Array.from({ length: 20 }, (_, x) => pixel(drawn, x, 8)[0]);
  const middle = new Array(4).fill(128);
  const line = [128, 128, 128, 255, 255, 20, ...middle, 20, 255, 255];
  assert.equal(across, [...line, ...new Array(7).fill(128)]);
  assert.equal(pixel(drawn, 5, 3), [128, 128, 128, 255]);
  assert.equal(pixel(drawn, 5, 4), [255, 0, 0, 255]);
  assert.equal(pixel(gray, 3, 4), [128, 128, 128, 255]);
});

test('what lies outside is cut off with its edge', () => {
  const drawn = outline(plain(10, 10, [0, 0, 0, 255]), { x: -5, y: 2, width: 8, height: 100 }, { width: 1 });
  assert.is(pixel(drawn, 0, 5)[0], 0);
  assert.is(pixel(drawn, 2, 5)[0], 255);
  assert.is(pixel(drawn, 0, 9)[0], 0);
  same(
    outline(plain(3, 3, [7, 7, 7, 255]), { x: 9, y: 9, width: 4, height: 4 }).data,
    plain(3, 3, [7, 7, 7, 255]).data,
  );
});

test.run();
