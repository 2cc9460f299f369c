import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Marks, marksOf } from '../../../src/autodiff/diagonal/marks.ts';
import { analyse } from '../../../src/autodiff/diagonal/structure.ts';
import * as op from '../../../src/autodiff/operations.ts';
import { pullback, record, type TapeNode } from '../../../src/autodiff/tape.ts';
import { concrete } from '../../../src/autodiff/trace.ts';
import { layerNorm } from '../../../src/layers/normalization.ts';
import { drain } from '../../../src/tensor/drive.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData, full, type Tensor } from '../../../src/tensor/tensor.ts';

const test = suite('marks');
const { add, exp, matmul, maxPool, mul, relu, reshape, sum, takeAt } = op;
const random = createRandom(3);
const normal = (...shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
const a = normal(1, 3, 4, 4);
const dense = normal(48, 5);
const columns = normal(3, 4);
const pool = {
  ...{ kernel: [2, 2], strides: [2, 2], dilations: [1, 1] },
  ...{ padsBefore: [0, 0], padsAfter: [0, 0], output: [2, 2] },
};

const heads: Record<string, (x: Tensor) => Tensor> = {
  'one logit of a dense layer': (x) => exp(takeAt(matmul(reshape(x, [1, 48]), dense), [2], [])),
  'one row of a matrix product': (x) => sum(takeAt(matmul(reshape(x, [16, 3]), columns), [4, 5], [2])),
  'winners and open units': (x) => sum(mul(maxPool(relu(x), pool), maxPool(x, pool))),
  'a normalised token beside all others': (x) =>
    add(
      sum(takeAt(layerNorm(reshape(x, [16, 3])), [6], [1])),
      mul(0, takeAt(matmul(columns, reshape(x, [3, 16]), { left: true }), [0], [])),
    ),
};

const numbersOf = (marks: Marks | undefined, { value }: TapeNode) =>
  marks === undefined ? [] : marks === 'all' ? full(value.shape, Number.NaN).data : contiguous(marks).data;

for (const [name, f] of Object.entries(heads)) {
  test(`${name}: as a cotangent of NaN spreads`, () => {
    const { tape, output } = record(([x]) => f(x), [a]);
    const end = output as TapeNode;
    const marks = drain(marksOf(analyse(tape, end)));
    const seeds = new Map([[end, full(end.value.shape, Number.NaN)]]);
    const wanted = pullback(tape, seeds, tape.nodes);
    for (const node of tape.nodes) {
      const g = wanted[node.index];
      const isMarked = (x: number) => Number.isNaN(x);
      const got = Array.from(numbersOf(marks[node.index], node), isMarked);
      assert.equal(got, g === undefined ? [] : Array.from(contiguous(concrete(g)).data, isMarked));
    }
  });
}

test.run();
