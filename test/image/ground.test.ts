import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { groundOf } from '../../src/image/ground.ts';
import { plain } from './pixels.ts';

const test = suite('ground');

test('it has the size of the photograph, at most 2048 pixels a side, or the one asked for; the crop goes with it', () => {
  const sides = (width: number, height: number, size?: number) => {
    const { picture, seen } = groundOf(plain(width, height, [1, 2, 3, 255]), {
      crop: { x: width / 4, y: 0, width: width / 2, height },
      size,
    });
    return [picture.width, picture.height, seen.x, seen.y, seen.width, seen.height];
  };
  assert.equal(sides(40, 20), [40, 20, 10, 0, 20, 20]);
  assert.equal(sides(4096, 2), [2048, 1, 512, 0, 1024, 1]);
  assert.equal(sides(40, 20, 400), [400, 200, 100, 0, 200, 200]);
  assert.equal(sides(8, 16, 4), [2, 4, 0.5, 0, 1, 4]);
});

test('half a pixel is refused', () => {
  for (const size of [0, -1, 2.5, Number.NaN])
    assert.throws(() => groundOf(plain(2, 2, [0, 0, 0, 255]), { size }), /a whole number of pixels, got/);
});

test.run();
