import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { groundOf } from '../../src/image/ground.ts';
import { drawOver } from '../../src/image/overlay.ts';
import { veil } from '../../src/image/veil.ts';
import { tensor, zeros } from '../../src/tensor/tensor.ts';

const test = suite('veil');

test('over the muted photograph it is the overlay, but for roundings', () => {
  const [width, height] = [8, 6];
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
    i % 4 === 3 ? 255 : (i * 37) % 256,
  );
  const ground = groundOf({ width, height, data });
  const map = tensor([
    [0, 0.25, 1],
    [0.5, 0, 0.75],
  ]);
  const whole = drawOver(ground, map).data;
  const muted = drawOver(ground, zeros([1, 1]), { opacity: 0 }).data;
  const over = veil(map, { width, height }).data;
  for (let i = 0; i < whole.length; i++) {
    if (i % 4 === 3) continue;
    const alpha = over[i - (i % 4) + 3] / 255;
    const mixed = muted[i] + (over[i] - muted[i]) * alpha;
    assert.ok(Math.abs(mixed - whole[i]) <= 1.5, `byte ${i}: ${mixed}, ${whole[i]}`);
  }
});

test('0 is clear', () => {
  assert.is(veil(zeros([1, 1]), { width: 1, height: 1 }).data[3], 0);
});

test.run();
