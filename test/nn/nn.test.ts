import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { add, createRandom, grad, mul, sub, sum, type Tensor, tensor } from '../../src/core.ts';
import { adam, linear, linearParameters, sgd } from '../../src/nn/index.ts';
import { close, same } from '../support/check.ts';

const test = suite('nn');

/** A loss with another curvature in each direction, of a tree. */
const loss = ({ w, b }: { w: Tensor; b: Tensor }) => add(sum(mul([1, 10], mul(w, w))), mul(3, mul(b, b)));
const start = { w: tensor([1, -2]), b: tensor(0.5) };
const slope = (p: readonly number[]) => [2 * p[0], 20 * p[1], 6 * p[2]];
const flat = ({ w, b }: typeof start) => Array.from([...w.data, ...b.data]);

test('a linear layer is x W + b, of rows and of one vector', () => {
  const parameters = linearParameters(3, 2, createRandom(1));
  const x = createRandom(2).normals([4, 3]);
  const rows = linear(x, parameters);
  for (let n = 0; n < 4; n++) {
    const row = Array.from(x.data.slice(3 * n, 3 * n + 3));
    const wanted = [0, 1].map((o) =>
      row.reduce((s, value, i) => s + value * parameters.weight.data[2 * i + o], 0),
    );
    close(rows.data.slice(2 * n, 2 * n + 2), wanted, { relative: 1e-15 });
    same(linear(tensor(row), parameters), rows.data.slice(2 * n, 2 * n + 2));
  }
});

test('weights begin with mean 0 and variance 2 / (inputs + outputs), by the stream', () => {
  const { weight, bias } = linearParameters(200, 100, createRandom(3));
  const values = Array.from(weight.data);
  const mean = values.reduce((a, b) => a + b, 0) / 20000;
  const variance = values.reduce((a, b) => a + b * b, 0) / 20000;
  assert.ok(Math.abs(mean) < 2e-3 && Math.abs(variance * 150 - 1) < 0.05);
  assert.ok(bias.data.every((value) => value === 0));
  same(weight, linearParameters(200, 100, createRandom(3)).weight);
});

test('sgd with momentum takes the steps of its formula', () => {
  const step = sgd({ rate: 0.01, momentum: 0.9 });
  let got = start;
  let wanted = flat(start);
  let velocity = [0, 0, 0];
  for (let i = 0; i < 20; i++) {
    got = step(got, grad(loss)(got));
    const g = slope(wanted);
    velocity = velocity.map((v, k) => 0.9 * v + g[k]);
    wanted = wanted.map((p, k) => p - 0.01 * velocity[k]);
  }
  close(flat(got), wanted, { relative: 1e-14 });
});

test('adam takes the steps of its algorithm, each optimizer its own', () => {
  const [step, other] = [adam({ rate: 0.05 }), adam({ rate: 0.05 })];
  let got = start;
  let wanted = flat(start);
  let [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (let t = 1; t <= 30; t++) {
    got = step(got, grad(loss)(got));
    const g = slope(wanted);
    m = m.map((each, k) => 0.9 * each + 0.1 * g[k]);
    v = v.map((each, k) => 0.999 * each + 0.001 * g[k] ** 2);
    wanted = wanted.map(
      (p, k) => p - (0.05 * m[k]) / (1 - 0.9 ** t) / (Math.sqrt(v[k] / (1 - 0.999 ** t)) + 1e-8),
    );
  }
  close(flat(got), wanted, { relative: 1e-12 });
  // The first step of Adam has the size of the rate.
  close(sub(start.w, other(start, grad(loss)(start)).w).data, [0.05, -0.05], { relative: 1e-7 });
});

test('what no step can be taken with is refused in words', () => {
  assert.throws(() => sgd(undefined as never), /options are a record/);
  assert.throws(() => sgd({} as never), /rate must be a finite number of at least 0, got NaN/);
  assert.throws(() => sgd({ rate: 0.1, momentum: 1 }), /momentum must be at least 0 and below 1, got 1/);
  assert.throws(() => adam({ rate: -1 }), /rate must be a finite number/);
  assert.throws(() => adam({ lr: 1 } as never), /no option "lr"; there are rate/);
  assert.throws(() => adam()(start, { w: start.w } as never), /trees/);
  assert.throws(() => linear([1], undefined as never), /the parameters must be a record/);
  assert.throws(() => linearParameters(1, 2, {} as never), /normals of a random stream must be a function/);
});

test.run();
