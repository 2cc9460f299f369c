import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { displayScale, resizePicture } from '../../src/image/resizePicture.ts';
import { pixel } from './pixels.ts';

const test = suite('resizePicture');

test('resizePicture averages what it makes smaller', () => {
  const data = Uint8Array.from([0, 0, 0, 255, 255, 100, 10, 255]);
  assert.equal(pixel(resizePicture({ width: 2, height: 1, data }, 1, 1), 0, 0), [128, 50, 5, 255]);
});

test('pictures are drawn at their size, or with 2048 pixels on the longer side', () => {
  assert.is(displayScale({ width: 64, height: 64 }), 1);
  assert.is(displayScale({ width: 100, height: 8192 }), 0.25);
});

test.run();
