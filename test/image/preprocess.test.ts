import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Picture } from '../../src/image/picture.ts';
import { preprocess, presetFor } from '../../src/image/preprocess.ts';
import type { Preprocessing } from '../../src/model/data/format.ts';
import { decodePicture } from '../../src/node/pictures/decodePicture.ts';
import { close, fixture, same, withData } from '../support/check.ts';

const test = suite('preprocess');

interface Golden {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: string;
  readonly preprocessing: Preprocessing;
  readonly size: readonly [height: number, width: number];
  /** float32, little-endian. */
  readonly input: string;
}

const goldens = JSON.parse(readFileSync(fixture('image/preprocess.json'), 'utf8')) as Golden[];

function pictureOf({ width, height, channels, pixels }: Golden): Picture {
  const raw = Buffer.from(pixels, 'base64');
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < channels; c++) data[4 * i + c] = raw[channels * i + c];
  }
  return { width, height, data };
}

for (const golden of goldens) {
  test(`${golden.name}: as torchvision, antialias=True, in floats`, () => {
    const [height, width] = golden.size;
    const channels = golden.preprocessing.mean.length;
    const { input } = preprocess(pictureOf(golden), golden.preprocessing, { channels, height, width });
    const raw = Buffer.from(golden.input, 'base64');
    const wanted = Float32Array.from({ length: raw.length / 4 }, (_, i) => raw.readFloatLE(4 * i));
    assert.equal([...input.shape], [1, channels, height, width]);
    assert.is(input.dtype, 'float32');
    close(input.data, wanted, { relative: 2e-6 });
  });
}

/** Opaque, red = x, green = y, blue = 7. */
function ramp(width: number, height: number): Picture {
  const data = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) data.set([i % width, Math.floor(i / width), 7, 255], 4 * i);
  return { width, height, data };
}

const square = (side: number, channels = 3) => ({ channels, height: side, width: side });

test('imagenet: the input decides, the crop is told in pixels of the original', () => {
  const preset = presetFor('imagenet', square(112));
  assert.equal(preset.resize, { shorterSide: 128 });
  assert.equal(preset.crop, [112, 112]);
  // 200 × 100 becomes 256 × 128; margins 72 and 8; 100/128 of a pixel each.
  const { crop } = preprocess(ramp(200, 100), preset, square(112));
  assert.equal(crop, { x: 56.25, y: 6.25, width: 87.5, height: 87.5 });
  assert.equal(presetFor('imagenet', square(224)).resize, { shorterSide: 256 });
  assert.equal(presetFor('imagenet', square(32)).resize, { shorterSide: 37 });
});

test('a picture of the size of the input is not resized', () => {
  const picture = ramp(5, 5);
  const size = square(5);
  const { input, crop } = preprocess(picture, presetFor('bytes', size), size);
  same(input.data.subarray(0, 10), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  assert.equal(crop, { x: 0, y: 0, width: 5, height: 5 });
  const imagenet = preprocess(picture, presetFor('imagenet', size), size);
  close(imagenet.input.data.subarray(0, 2), [-0.485 / 0.229, (1 / 255 - 0.485) / 0.229], { relative: 1e-7 });
  assert.equal(imagenet.crop, crop);
});

test('unit and bytes stretch the whole picture to the input', () => {
  const size = { channels: 3, height: 2, width: 4 };
  const bytes = preprocess(ramp(8, 8), presetFor('bytes', size), size);
  assert.equal(bytes.crop, { x: 0, y: 0, width: 8, height: 8 });
  const unit = preprocess(ramp(8, 8), presetFor('unit', size), size);
  close(
    unit.input.data,
    bytes.input.data.map((value) => value / 255),
    { relative: 1e-6 },
  );
});

test('an input that is not square sees the whole picture, undivided', () => {
  const size = { channels: 3, height: 4, width: 8 };
  const preset = presetFor('imagenet', size);
  assert.equal(preset.resize, { width: 8, height: 4 });
  assert.equal(preprocess(ramp(9, 9), preset, size).crop, { x: 0, y: 0, width: 9, height: 9 });
});

test('one channel is gray, by the luma of BT.601; white stays white', () => {
  const white: Picture = { width: 1, height: 1, data: Uint8Array.of(255, 255, 255, 255) };
  const red: Picture = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
  const size = square(1, 1);
  const gray = presetFor('unit', size);
  assert.is(gray.channels, 'gray');
  same(preprocess(white, gray, size).input.data, [1]);
  close(preprocess(red, gray, size).input.data, [0.299], { relative: 1e-7 });
});

test('nearest takes whole pixels', () => {
  const plain = { ...presetFor('bytes', square(2)), filter: 'nearest' } as const;
  const { input } = preprocess(ramp(8, 8), plain, square(2));
  same(input.data, [2, 6, 2, 6, 2, 2, 6, 6, 7, 7, 7, 7]);
});

test('what is left out: no resize means cropping alone, neither means stretching', () => {
  const { resize: _, ...plain } = presetFor('bytes', square(4));
  same(preprocess(ramp(8, 8), { ...plain, crop: [4, 4] }, square(4)).input.data.subarray(0, 4), [2, 3, 4, 5]);
  assert.equal(preprocess(ramp(8, 8), plain, square(4)).crop, { x: 0, y: 0, width: 8, height: 8 });
});

test('what does not fit is refused with the way out', () => {
  const preset = presetFor('imagenet', square(8));
  const says = (preprocessing: Preprocessing, size: Parameters<typeof preprocess>[2], wanted: RegExp) =>
    assert.throws(() => preprocess(ramp(20, 20), preprocessing, size), wanted);
  says(preset, square(8, 1), /the network takes 1 channel, the preprocessing gives RGB/);
  says(preset, square(16), /takes 16 × 16 pixels, the crop gives 8 × 8; change it/);
  says({ ...preset, crop: [16, 16] }, square(16), /has only 9 × 9; change the resize/);
  assert.throws(() => presetFor('unit', square(8, 4)), /inputs of 1 or 3 channels, got 4/);
});

withData(
  test,
  'images/both.png',
  'a photograph of 224² reaches an ImageNet network pixel by pixel',
  (path) => {
    const picture = decodePicture(readFileSync(path), path);
    const { input } = preprocess(picture, presetFor('imagenet', square(224)), square(224));
    const wanted = (picture.data[4 * 1000 + 2] / 255 - 0.406) / 0.225;
    close(input.data[2 * 224 * 224 + 1000], wanted, { relative: 1e-7 });
  },
);

test('only what the crop keeps is resampled: a strip, and a side of millions of pixels in between', () => {
  const size = square(8);
  for (const [width, height] of [
    [65536, 1],
    [1, 65536],
  ]) {
    const data = new Uint8Array(4 * width * height).fill(51);
    const preprocessing = { ...presetFor('unit', size), resize: { shorterSide: 256 } };
    const { input, crop } = preprocess({ width, height, data }, preprocessing, size);
    close(input.data, new Array(192).fill((255 - (204 * 51) / 255) / 255), { relative: 1e-6 });
    const [x, y] = [(width - 8 / 256) / 2, (height - 8 / 256) / 2];
    assert.equal([crop.x, crop.y], width > 1 ? [x, 124 / 256] : [124 / 256, y]);
  }
});

test('a crop is the part of the whole, to the bit', () => {
  const picture = ramp(70, 41);
  for (const filter of ['bilinear', 'nearest'] as const) {
    for (const [width, height] of [
      [23, 19],
      [70, 41],
      [140, 90],
      [31, 90],
    ]) {
      const pre = { ...presetFor('bytes', square(9)), filter, resize: { width, height } };
      const whole = preprocess(picture, pre, { channels: 3, width, height }).input.data;
      const part = preprocess(picture, { ...pre, crop: [9, 9] as const }, square(9)).input.data;
      const half = (margin: number) => Math.floor(margin / 2) + (margin % 4 === 3 ? 1 : 0);
      const [x0, y0] = [half(width - 9), half(height - 9)];
      const wanted = Array.from({ length: 243 }, (_, i) => {
        const [c, y, x] = [Math.floor(i / 81), Math.floor(i / 9) % 9, i % 9];
        return whole[(c * height + y0 + y) * width + x0 + x];
      });
      same(part, wanted, `${filter}, ${width} × ${height}`);
    }
  }
});

test('a network of no pixels, or of more than can be, is refused', () => {
  const none = { channels: 3, width: 0, height: 4 };
  assert.throws(
    () => preprocess(ramp(4, 4), presetFor('unit', none), none),
    /shape \[1, 3, 4, 0\], no pixels/,
  );
  const huge = square(1e6);
  assert.throws(
    () => preprocess(ramp(4, 4), presetFor('imagenet', huge), huge),
    /it asks for 3000000000000 entries/,
  );
});

test.run();
