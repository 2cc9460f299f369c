import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cellsOn, thresholdBox } from '../../src/image/cells.ts';
import { tensor } from '../../src/tensor/tensor.ts';

const test = suite('cells');
const map = tensor([
  [0, 0, 0, 0],
  [0, 0.2, 1, 0],
  [0, 0, 0.5, 0.1],
]);

test('the box is round all cells of at least the share', () => {
  assert.equal(thresholdBox(map, 1), { y0: 1, x0: 2, y1: 2, x1: 3 });
  assert.equal(thresholdBox(map, 0.5), { y0: 1, x0: 2, y1: 3, x1: 3 });
  assert.equal(thresholdBox(map, 0.2), { y0: 1, x0: 1, y1: 3, x1: 3 });
  assert.equal(thresholdBox(map, 0.1), { y0: 1, x0: 1, y1: 3, x1: 4 });
});

test('a share of 0 means the cells above 0; without any there is no box', () => {
  assert.equal(thresholdBox(map, 0), { y0: 1, x0: 1, y1: 3, x1: 4 });
  assert.is(thresholdBox(tensor([[0, 0]]), 0.5), undefined);
});

test('other shares are refused', () => {
  for (const share of [-0.1, 1.1, Number.NaN])
    assert.throws(() => thresholdBox(map, share), /from 0 to 1, got/);
});

test('cells become pixels of the part that the network saw', () => {
  const seen = { x: 10, y: 20, width: 40, height: 30 };
  assert.equal(cellsOn({ y0: 1, x0: 2, y1: 3, x1: 3 }, map.shape, seen), {
    x: 30,
    y: 30,
    width: 10,
    height: 20,
  });
});

test.run();
