import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allOnes, centreGaussian, meanActivation, randomMap } from '../../../src/cam/more/controls.ts';
import { eigenCam } from '../../../src/cam/more/eigenCam.ts';
import { positiveGradCam, xGradCam } from '../../../src/cam/more/gradientWeights.ts';
import { hiResCam } from '../../../src/cam/more/hiResCam.ts';
import {
  normalisedPlusPlus,
  poweredPlusPlus,
  printedSmooth,
} from '../../../src/cam/more/plusPlusVariants.ts';
import { fromData, type Tensor, tensor, toNested } from '../../../src/tensor/tensor.ts';
import { close, same } from '../../support/check.ts';
import { evidence, generalEvidence, mapTensor } from '../makeEvidence.ts';

const test = suite('methods beside core');

const activation = tensor([
  [
    [1, 2],
    [3, 2],
  ],
  [
    [0, 1],
    [1, 0],
  ],
]);
const d1 = tensor([
  [
    [1, -1],
    [0.5, 2],
  ],
  [
    [-3, 0.5],
    [2, 0.25],
  ],
]);
const e = evidence({ activation, d1, d2: d1, d3: d1, score: 'logit' });
const only = { select: { maps: [0], region: { y0: 0, x0: 0, y1: 1, x1: 2 } } };

test('HiResCAM: ReLU(Σ_k D1 A)', () => {
  assert.equal(toNested(hiResCam(e).map), [
    [1, 0],
    [3.5, 4],
  ]);
  assert.equal(toNested(hiResCam(e, only).map), [
    [1, 0],
    [0, 0],
  ]);
});

test('XGrad-CAM: Σ A D1 / Σ A', () => {
  // (1 − 2 + 1.5 + 4)/8 and (0.5 + 2)/2
  assert.equal(Array.from(xGradCam(e).weights), [4.5 / 8, 1.25]);
  // The sum below is that of the whole map.
  assert.equal(Array.from(xGradCam(e, only).weights), [-1 / 8, 0]);
  const dark = evidence({ activation: mapTensor(activation, () => 0), d1, d2: d1, d3: d1, score: 'logit' });
  assert.equal(Array.from(xGradCam(dark).weights), [0, 0]);
});

test('Grad-CAM with positive gradients', () => {
  assert.equal(Array.from(positiveGradCam(e).weights), [3.5 / 4, 2.75 / 4]);
  assert.equal(Array.from(positiveGradCam(e, only).weights), [1 / 4, 0]);
});

test('Grad-CAM++ with powered gradients: 1/(2 + g ΣA) of each entry', () => {
  const { weights, counts } = poweredPlusPlus(e);
  const of = (total: number, slopes: number[]) =>
    slopes.reduce((sum, g) => (g > 0 ? sum + g / (2 + g * total) : sum), 0);
  close(weights, [of(8, [1, -1, 0.5, 2]), of(2, [-3, 0.5, 2, 0.25])], {});
  // 1/(2 − 3·2) and 1/(2 − 8)
  assert.is(counts.flipped, 2);
});

test('powered gradients are the true derivatives of exp of a piecewise-linear head, but for Y', () => {
  const g = generalEvidence([3, 2, 2], 5);
  const y = 7;
  const power = (r: number): Tensor => mapTensor(g.d1, (value) => y * value ** r);
  const exact = evidence({ activation: g.activation, d1: power(1), d2: power(2), d3: power(3), y });
  const logit = evidence({ activation: g.activation, d1: g.d1, d2: g.d1, d3: g.d1, score: 'logit' });
  const powered = poweredPlusPlus(logit).weights;
  close(printedSmooth(exact).weights.length, 3, {});
  const { weights } = normalisedPlusPlus(exact);
  // Σ α ReLU(D1) / Σ α, by hand
  const wanted = [0, 1, 2].map((k) => {
    const total = Array.from(g.activation.data.slice(4 * k, 4 * k + 4)).reduce(
      (sum: number, value: number) => sum + value,
      0,
    );
    const slopes = Array.from(g.d1.data.slice(4 * k, 4 * k + 4)).filter((value) => value > 0);
    const alphas = slopes.map((value) => 1 / (2 + value * total));
    const sum = alphas.reduce((all, value) => all + value, 0);
    return sum === 0 ? 0 : slopes.reduce((all, value, i) => all + y * value * alphas[i], 0) / sum;
  });
  close(weights, wanted, { relative: 1e-12 });
  assert.is(powered.length, 3);
});

test('as printed, D1 is above in α', () => {
  const of = evidence({
    activation: tensor([[[1, 2]]]),
    d1: tensor([[[3, -1]]]),
    d2: tensor([[[2, 1]]]),
    d3: tensor([[[1, 1]]]),
  });
  // 3 / (2·2 + 3·1) · 3
  close(printedSmooth(of).weights, [9 / 7], {});
});

test('Eigen-CAM of one pattern is the pattern', () => {
  const pattern = [1, 2, 0, 4];
  const rank = fromData(
    Float64Array.from([3, -4].flatMap((scale) => pattern.map((value) => scale * value))),
    [2, 2, 2],
  );
  // O v = pattern · |(3, −4)|
  close(
    eigenCam({ activation: rank }).map,
    tensor([
      [5, 10],
      [0, 20],
    ]),
    {},
  );
});

test('Eigen-CAM: the larger of two singular values', () => {
  // O = [[3, 0], [0, 2]] in its first two cells, and rotated: v = (0.6, 0.8) for 3
  const u = [
    [3 * 0.6, 3 * 0.8],
    [2 * -0.8, 2 * 0.6],
  ];
  const maps = [0, 1].map((k) => [[u[0][k], u[1][k]]]);
  close(eigenCam({ activation: tensor(maps) }).map, tensor([[3, 0]]), { absolute: 1e-12 });
});

test('controls', () => {
  assert.equal(toNested(allOnes(e)), [
    [1, 1],
    [1, 1],
  ]);
  assert.equal(toNested(meanActivation(e).map), [
    [0.5, 1.5],
    [2, 1],
  ]);
  const wide = { activation: fromData(new Float64Array(12), [1, 3, 4]) };
  const centre = centreGaussian(wide);
  close(centre.data[5], Math.exp(-8 * (1 / 8) ** 2), {});
  assert.is(centre.data[0], centre.data[11]);
  assert.ok(centre.data[5] > centre.data[4] && centre.data[5] > centre.data[1]);
  const random = randomMap({ activation, seed: 1 });
  same(random, randomMap({ activation, seed: 1 }));
  assert.not.equal(random.data, randomMap({ activation, seed: 2 }).data);
  assert.not.equal(random.data, randomMap({ activation: d1, seed: 1 }).data);
});

test('the gradient is that of the logit', () => {
  const exp = evidence({ activation, d1, d2: d1, d3: d1, score: 'exp' });
  for (const run of [hiResCam, xGradCam, positiveGradCam, poweredPlusPlus]) {
    assert.throws(() => run(exp), /Cannot run .*score logit/);
  }
});

test.run();
