import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal, diagonalAsync } from '../../../src/autodiff/diagonal/diagonal.ts';
import { laneBytes, lanesAtOnce } from '../../../src/autodiff/diagonal/lanes.ts';
import { byVjps } from '../../../src/autodiff/diagonal/linearPrefix.ts';
import { analyse } from '../../../src/autodiff/diagonal/structure.ts';
import { add, matmul, mul, reshape, sum } from '../../../src/autodiff/operations.ts';
import { record, type TapeNode } from '../../../src/autodiff/tape.ts';
import { createScore } from '../../../src/cam/score.ts';
import { gelu, silu } from '../../../src/layers/activations.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('memory of diagonals');
const random = createRandom(11);
const activation = random.normals([1, 4, 6, 6]);
const [w, v, u] = [random.normals([144, 30]), random.normals([30, 12]), random.normals([4, 12])];
const heads: Readonly<Record<string, (a: Tensor) => Tensor>> = {
  'GELU between dense layers': (a) => matmul(gelu(matmul(reshape(a, [1, -1]), mul(w, 0.1))), v),
  'SiLU, sums of channels': (a) => matmul(reshape(sum(silu(a), [2, 3]), [1, -1]), u),
  'a dense layer': (a) => matmul(reshape(a, [1, -1]), w),
};

async function stepsOf(f: (a: Tensor) => Tensor, options: object): Promise<number> {
  let steps = 0;
  await diagonalAsync(f, activation, { ...options, onProgress: () => steps++ });
  return steps;
}

for (const [name, head] of Object.entries(heads)) {
  test(`${name}: little memory takes more blocks and gives the same numbers`, async () => {
    const score = createScore('prob', { classIndex: 3 });
    const f = (a: Tensor) => reshape(head(a), [-1]);
    const { plan } = diagonal(f, activation, { score });
    for (const { name: each, applicable } of plan.candidates) {
      if (!applicable) continue;
      const options = { score, plan: each };
      const [all, little] = [options, { ...options, memory: 2 ** 16 }].map((o) => diagonal(f, activation, o));
      for (const [r, d] of all.derivatives.entries())
        close(little.derivatives[r], d, { relative: 1e-11 }, `${each}, D${r + 1}`);
      if (each === 'jets')
        assert.ok((await stepsOf(f, { ...options, memory: 2 ** 16 })) > (await stepsOf(f, options)));
    }
  });
}

test('the lanes of a block fit into half of it', () => {
  const { tape, output } = record(([a]) => sum(add(heads['a dense layer'](a), 1)), [activation]);
  const structure = analyse(tape, output as TapeNode);
  // Where the shape is changed 144 values come in and 144 go out; as much again for what is being made.
  assert.is(laneBytes(structure, 3), 2 * 8 * 3 * 288);
  assert.is(lanesAtOnce(structure, { passes: 3, memory: 2 * 5 * laneBytes(structure, 3) }), 5);
  assert.is(lanesAtOnce(structure, { passes: 3, memory: 1 }), 1);
  assert.is(byVjps(10, 1000, 16 * 10_000), true);
  assert.is(byVjps(10, 1000, 16 * 9_999), false);
});

test.run();
