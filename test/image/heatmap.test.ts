import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { colourOf } from '../../src/image/colormap.ts';
import { heatmap } from '../../src/image/heatmap.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { pixel } from './pixels.ts';

const test = suite('heatmap');

test('a map of the size drawn has the colour of each value', () => {
  const drawn = heatmap(
    tensor([
      [0, 0.5],
      [0.25, 1],
    ]),
    { width: 2, height: 2, colormap: 'lagoon' },
  );
  const wanted = [0, 0.5, 0.25, 1].map((value) => [...colourOf(value, 'lagoon'), 255]);
  assert.equal([pixel(drawn, 0, 0), pixel(drawn, 1, 0), pixel(drawn, 0, 1), pixel(drawn, 1, 1)], wanted);
});

test('a larger drawing is bilinear, the outer half of each cell flat', () => {
  const drawn = heatmap(tensor([[0, 1]]), { width: 8, height: 1 });
  const wanted = [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1].map((value) => colourOf(value)[0]);
  assert.equal(
    wanted.map((_, x) => pixel(drawn, x, 0)[0]),
    wanted,
  );
});

test.run();
