import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { maskOutline } from '../../src/image/maskOutline.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('the outline of a mask');

/** Both ends of each line, and how many lines end there. */
function endsOf(mask: Tensor): Map<string, number> {
  const ends = new Map<string, number>();
  for (const [x0, y0, x1, y1] of maskOutline(mask)) {
    for (const end of [`${x0},${y0}`, `${x1},${y1}`]) ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return ends;
}

test('one cell is its square with the corners cut', () => {
  const corners = ['0,0.25', '0,0.75', '0.25,0', '0.25,1', '0.75,0', '0.75,1', '1,0.25', '1,0.75'];
  const ends = [...endsOf(tensor([[1]])).keys()].sort();
  assert.equal(
    ends.filter((end) => corners.includes(end)),
    corners,
  );
  assert.equal(
    ends.filter((end) => !corners.includes(end)),
    ['0,0.5', '0.5,0', '0.5,1', '1,0.5'],
  );
});

test('a row of cells has straight sides along its edges', () => {
  const above = [
    ...maskOutline(
      tensor([
        [0, 0, 0],
        [1, 1, 1],
      ]),
    ),
  ].filter(([, y0, , y1]) => y0 === 1 && y1 === 1);
  const length = above.reduce((sum, [x0, , x1]) => sum + Math.abs(x1 - x0), 0);
  close([length], [2.5], { absolute: 1e-12 }); // 3, less a quarter at each end
});

test('cells that meet in a corner belong together', () => {
  const lines = [
    ...maskOutline(
      tensor([
        [1, 0],
        [0, 1],
      ]),
    ),
  ].map((line) => line.join());
  assert.ok(lines.includes('1,0.75,1.25,1'), lines.join(' '));
  assert.ok(lines.includes('0.75,1,1,1.25'));
});

test('outlines are closed, those at the edges of the mask, too', () => {
  const random = createRandom(3);
  for (let run = 0; run < 20; run++) {
    const [h, w] = [1 + (run % 5), 1 + (run % 7)];
    const mask = fromData(
      Float64Array.from({ length: h * w }, () => Number(random.normal() > 0)),
      [h, w],
    );
    for (const [x0, y0, x1, y1] of maskOutline(mask)) {
      assert.ok(Math.min(x0, x1, y0, y1) >= 0 && Math.max(x0, x1) <= w && Math.max(y0, y1) <= h);
    }
    assert.ok([...endsOf(mask).values()].every((count) => count === 2));
  }
});

test('an empty mask has none', () => assert.is(endsOf(tensor([[0, 0]])).size, 0));

test.run();
