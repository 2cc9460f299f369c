import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { colourOf } from '../../src/image/colormap.ts';
import { overlay } from '../../src/image/overlay.ts';
import { full, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { pixel, plain } from './pixels.ts';

const test = suite('overlay');

test('where the map is 0 there is the photograph, a little grayer', () => {
  const drawn = overlay(plain(6, 4, [200, 100, 0, 255]), full([2, 2], 0));
  // luma 118.5; 0.55 · 200 + 0.45 · 118.5 = 163.3
  assert.equal(pixel(drawn, 3, 2), [163, 108, 53, 255]);
  assert.equal([drawn.width, drawn.height], [6, 4]);
});

test('where it is 1 there is the colour, as opaque as asked for', () => {
  const gray = plain(3, 3, [100, 100, 100, 255]);
  const [red, green, blue] = colourOf(1);
  const half = (colour: number) => Math.round(100 + (colour - 100) * 0.5);
  const drawn = overlay(gray, full([1, 1], 1), { opacity: 0.5 });
  assert.equal(pixel(drawn, 1, 1), [half(red), half(green), half(blue), 255]);
  const lagoon = overlay(gray, full([1, 1], 1), { opacity: 1, colormap: 'lagoon' });
  assert.equal(pixel(lagoon, 1, 1), [...colourOf(1, 'lagoon'), 255]);
  same(overlay(gray, full([1, 1], 1), { opacity: 0 }).data, gray.data);
  const veiled = overlay(gray, full([1, 1], 0), { opacity: 1, veil: 0.5 });
  const mixed = colourOf(0).map((colour) => Math.round(100 + (colour - 100) * 0.5));
  assert.equal(pixel(veiled, 1, 1), [...mixed, 255]);
});

test('the map lies on the crop, within a line; the rest is gray and dimmed', () => {
  const white = plain(20, 8, [255, 255, 255, 255]);
  const drawn = overlay(white, tensor([[1, 0]]), { crop: { x: 4, y: 0, width: 16, height: 8 }, opacity: 1 });
  assert.equal(pixel(drawn, 1, 2), [247, 247, 247, 255]); // 0.62 · 255 + 0.38 · 235
  assert.equal(pixel(drawn, 4, 3), [255, 255, 255, 255]);
  assert.equal(pixel(drawn, 5, 3), [20, 20, 24, 255]);
  assert.equal(pixel(drawn, 6, 3), [...colourOf(1), 255]); // centre 2.5 of 16: still in the first cell's outer half
  assert.equal(pixel(drawn, 17, 5), [255, 255, 255, 255]);
  const green = overlay(plain(20, 8, [0, 200, 0, 255]), full([1, 1], 0), {
    crop: { x: 9, y: 0, width: 11, height: 8 },
  });
  assert.equal(pixel(green, 1, 1), [162, 162, 162, 255]); // 0.62 · 117.4 + 0.38 · 235
});

test('a picture that was seen whole has no line', () => {
  const gray = plain(9, 9, [100, 100, 100, 255]);
  const drawn = overlay(gray, full([1, 1], 0), { crop: { x: 0.2, y: 0, width: 8.6, height: 9 } });
  assert.equal(pixel(drawn, 0, 0), [100, 100, 100, 255]);
});

test('a crop between pixels moves the map with it', () => {
  const gray = plain(16, 9, [128, 128, 128, 255]);
  const map = tensor([[0, 1]]);
  const red = (x: number) => pixel(overlay(gray, map, { crop: { x, y: 0, width: 8, height: 9 } }), 6, 4)[0];
  assert.is.not(red(2.25), red(2));
});

test('the photograph and the map are not touched; alpha lies over white', () => {
  const clear = plain(2, 2, [10, 20, 30, 0]);
  const map = full([1, 1], 0);
  assert.equal(pixel(overlay(clear, map), 0, 0), [255, 255, 255, 255]);
  assert.equal(pixel(clear, 0, 0), [10, 20, 30, 0]);
});

test('longer sides than 2048 pixels are made that long', () => {
  const wide = overlay(plain(4096, 3, [9, 9, 9, 255]), full([1, 1], 0));
  assert.equal([wide.width, wide.height], [2048, 2]);
});

test('a size is the longer side', () => {
  const drawn = overlay(plain(4, 2, [9, 9, 9, 255]), full([1, 1], 1), { size: 64, opacity: 1 });
  assert.equal([drawn.width, drawn.height], [64, 32]);
  assert.equal(pixel(drawn, 63, 31), [...colourOf(1), 255]);
});

test('a map −1 … 1 in diverging colours covers the photograph on both sides of 0', () => {
  const gray = plain(3, 1, [100, 100, 100, 255]);
  const drawn = overlay(gray, tensor([[-1, 0, 1]]), { colormap: 'tide', opacity: 1 });
  assert.equal(pixel(drawn, 0, 0), [...colourOf(-1, 'tide'), 255]);
  assert.equal(pixel(drawn, 1, 0), [100, 100, 100, 255]);
  assert.equal(pixel(drawn, 2, 0), [...colourOf(1, 'tide'), 255]);
});

test('contours are drawn where the map passes them, not outside of the crop', () => {
  const options = { crop: { x: 0, y: 0, width: 8, height: 9 }, opacity: 0 };
  const gray = plain(12, 9, [100, 100, 100, 255]);
  const drawn = overlay(gray, tensor([[0, 1, 1, 0]]), { ...options, contours: [0.5] });
  const row = Array.from({ length: 12 }, (_, x) => pixel(drawn, x, 4)[0]);
  assert.ok(row[2] > 120 && row[5] > 120, row.join());
  assert.equal(row.slice(8), new Array(4).fill(151)); // 0.62 · 100 + 0.38 · 235
});

test('a map of another shape is refused', () => {
  assert.throws(
    () => overlay(plain(2, 2, [0, 0, 0, 255]), full([1, 2, 2], 0)),
    /must be \[H, W\], got \[1, 2, 2\]/,
  );
  assert.throws(() => overlay(plain(2, 2, [0, 0, 0, 255]), full([0, 2], 0)), /got \[0, 2\]/);
});

test.run();
