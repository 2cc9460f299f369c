import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explainPlans } from '../../../src/autodiff/diagonal/choosePlan.ts';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import { predict, productSpeed } from '../../../src/autodiff/diagonal/predict.ts';
import { exp, matmul, reshape, sum } from '../../../src/autodiff/operations.ts';
import { createScore } from '../../../src/cam/score.ts';
import { gelu, silu } from '../../../src/layers/activations.ts';
import { formatBytes, formatMagnitude, formatTime } from '../../../src/tensor/formatNumber.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

const test = suite('predictions');
const random = createRandom(3);
const a = random.normals([1, 40, 8, 8]);
const [w, v, u] = [random.normals([2560, 50]), random.normals([50, 30]), random.normals([40, 30])];
const flat = (x: Tensor) => reshape(x, [1, -1]);
const heads: Readonly<Record<string, (a: Tensor) => Tensor>> = {
  'a dense layer': (x) => matmul(flat(x), w),
  'GELU between dense layers': (x) => matmul(gelu(matmul(flat(x), w)), v),
  'SiLU, sums of channels': (x) => matmul(sum(silu(x), [2, 3]), u),
};

for (const [name, head] of Object.entries(heads)) {
  test(`${name}: explain() says of each plan that applies what is predicted of it`, () => {
    const score = createScore('prob', { classIndex: 3 });
    const { plan } = diagonal((x) => reshape(head(x), [-1]), a, { score });
    const speed = () => 1e6;
    const lines = explainPlans(plan.candidates, plan.candidates[0], speed).split('\n');
    for (const [i, each] of plan.candidates.entries()) {
      const { seconds, bytes } = predict(each, speed);
      const cost = `${formatMagnitude(each.multiplyAdds)} multiply-adds, ${formatTime(seconds)} on this machine, up to ${formatBytes(bytes)}; ${each.why}`;
      assert.is(lines[i].slice(2), `${each.name}: ${each.applicable ? cost : `not applicable; ${each.why}`}`);
      assert.is(lines[i][0], i === 0 ? '→' : ' ');
    }
    assert.is(plan.explain().split('\n').length, plan.candidates.length);
  });

  test(`${name}: blocks are predicted to fit into the memory that they may take`, () => {
    const score = createScore('prob', { classIndex: 3 });
    const f = (x: Tensor) => reshape(head(x), [-1]);
    const memory = 2 ** 21;
    const all = diagonal(f, a, { score }).plan.candidates;
    const little = diagonal(f, a, { score, memory }).plan.candidates;
    for (const [i, { name: plan, applicable, bytes }] of little.entries()) {
      if (!applicable) continue;
      assert.ok(bytes > 0 && bytes <= all[i].bytes, `${plan}: ${bytes} of ${all[i].bytes}`);
      // Beside the blocks: one walk backwards, or functions of all entries, which are held whatever there is.
      assert.ok(bytes <= 1.5 * memory, `${plan}: ${bytes}`);
    }
  });
}

test('twice the speed is half the time, and this machine has one', () => {
  const { plan } = diagonal((x) => exp(sum(x)), a);
  assert.is(predict(plan, () => 1e9).seconds, 2 * predict(plan, () => 2e9).seconds);
  assert.ok(productSpeed() > 0 && Number.isFinite(productSpeed()));
});

test.run();
