import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { matmul } from '../../src/autodiff/operations.ts';
import { createScore, isExponential, scoreNames } from '../../src/cam/score.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

/** What holds for every score, over all of them and every way in which a network may end. */
const test = suite('scores');

const random = createRandom(5);
const normal = (shape: readonly number[], length: number) =>
  fromData(
    Float64Array.from({ length }, () => random.normal()),
    shape,
  );
const w = normal([6, 4], 24);
const a = normal([1, 6], 6);
const logits = (x: Tensor) => matmul(x, w);
const endings = ['none', 'softmax', 'sigmoid'] as const;

for (const name of scoreNames) {
  for (const ending of endings) {
    const score = createScore(name, { classIndex: 2, ending });

    test(`${name}, a network that ends in ${ending}: derivatives are those of its value by jets`, () => {
      const got = diagonal(logits, a, { score });
      const wanted = diagonal((x) => score.value(logits(x)).y, a, { plan: 'jets' });
      close([got.y], [wanted.y], { relative: 1e-14 }, 'y');
      for (let r = 0; r < 3; r++) {
        const where = `D${r + 1}`;
        close(got.derivatives[r].data, wanted.derivatives[r].data, { relative: 1e-12 }, where);
      }
    });

    test(`${name}, a network that ends in ${ending}: Y is said to be exp(z_c) where its derivatives say so`, () => {
      const { y, d1, d2 } = diagonal(logits, a, { score });
      const gap = Math.max(...Array.from(d1.data, (d, i) => Math.abs(d * d - y * d2.data[i])));
      assert.is(gap < 1e-12 * y * y, isExponential(name), `${gap}`);
    });
  }
}

test.run();
