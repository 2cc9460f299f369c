import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pictureOf, toImageData } from '../../src/image/imageData.ts';

const test = suite('imageData');
const bytes = [1, 2, 3, 4, 5, 6, 7, 8];

test('pixels of a canvas become a picture and come back; both are copies', () => {
  const pixels = { width: 2, height: 1, data: Uint8ClampedArray.from(bytes) };
  const picture = pictureOf(pixels);
  assert.equal(picture, { width: 2, height: 1, data: Uint8Array.from(bytes) });
  const back = toImageData(picture);
  assert.equal(back, pixels);
  back.data[0] = 99;
  pixels.data[0] = 98;
  assert.is(picture.data[0], 1);
});

test('in a page it is the page’s own ImageData', () => {
  class ImageData {
    readonly given: readonly unknown[];
    constructor(...given: readonly unknown[]) {
      this.given = given;
    }
  }
  const page = globalThis as { ImageData?: unknown };
  page.ImageData = ImageData;
  try {
    const data: unknown = toImageData({ width: 2, height: 1, data: Uint8Array.from(bytes) });
    assert.ok(data instanceof ImageData);
    assert.equal(data.given, [Uint8ClampedArray.from(bytes), 2, 1]);
  } finally {
    delete page.ImageData;
  }
});

test('too few bytes, none and floats are refused', () => {
  const wrong = /4 bytes for each are wanted, RGBA, got/;
  assert.throws(() => pictureOf({ width: 2, height: 2, data: Uint8ClampedArray.from(bytes) }), wrong);
  assert.throws(() => pictureOf({ width: 0, height: 0, data: new Uint8ClampedArray() }), wrong);
  assert.throws(() => pictureOf({ width: 2, height: 1, data: Float32Array.from(bytes) }), /other numbers/);
});

test.run();
