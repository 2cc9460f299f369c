import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom, normalQuantile } from '../../src/tensor/random.ts';

const test = suite('random');
const draw = (n: number, next: () => number) => Array.from({ length: n }, next);
const pinned = {
  uniform: [0.12808400971850997, 0.04354241965109795, 0.8872708196525355],
  normal: [-1.1354948955060455, -1.7109798138372132, 1.2121411329152685],
};

test('the same seed and stream give the same bits', () => {
  assert.equal(draw(5, createRandom(3, 1).normal), draw(5, createRandom(3, 1).normal));
  assert.not.equal(draw(5, createRandom(3, 1).normal), draw(5, createRandom(3, 2).normal));
  assert.not.equal(draw(5, createRandom(3, 1).normal), draw(5, createRandom(4, 1).normal));
});

test('pinned bits: a change of generator would change every published map', () => {
  assert.equal(draw(3, createRandom(0).uniform), pinned.uniform);
  assert.equal(draw(3, createRandom(0).normal), pinned.normal);
});

test('quantiles of the normal distribution to 15 digits', () => {
  // Tabulated: Φ⁻¹(0.975), Φ⁻¹(0.99), Φ⁻¹(1e-10).
  const table: [number, number][] = [
    [0.975, 1.959963984540054],
    [0.99, 2.326347874040841],
    [1e-10, -6.361340902404056],
    [0.5, 0],
  ];
  for (const [p, x] of table)
    assert.ok(Math.abs(normalQuantile(p) - x) <= 4e-15 * Math.max(1, Math.abs(x)), `${p}`);
});

test('100,000 draws have the moments of their distribution', () => {
  const n = 100000;
  const moment = (xs: number[], k: number) => xs.reduce((sum, x) => sum + x ** k, 0) / n;
  const uniform = draw(n, createRandom(5).uniform);
  assert.ok(Math.abs(moment(uniform, 1) - 1 / 2) < 0.005);
  assert.ok(uniform.every((u) => u >= 0 && u < 1));
  const normal = draw(n, createRandom(6).normal);
  [0, 1, 0, 3].forEach((wanted, i) => {
    assert.ok(Math.abs(moment(normal, i + 1) - wanted) < 0.06, `moment ${i + 1}`);
  });
});

test('streams of neighbouring seeds are not correlated', () => {
  const n = 20000;
  const a = createRandom(1, 0);
  for (const [seed, stream] of [
    [1, 1],
    [2, 0],
    [0, 1],
  ]) {
    const b = createRandom(seed, stream);
    const dot = draw(n, () => a.normal() * b.normal()).reduce((sum, x) => sum + x, 0) / n;
    assert.ok(Math.abs(dot) < 0.03, `seed ${seed}, stream ${stream}: ${dot}`);
  }
});

test.run();
