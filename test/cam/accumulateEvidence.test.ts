import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accumulateEvidence, type EvidenceSample } from '../../src/cam/accumulateEvidence.ts';
import type { Evidence } from '../../src/cam/evidence.ts';
import { gradCamPlusPlus } from '../../src/cam/gradCamPlusPlus.ts';
import type { ScoreName } from '../../src/cam/score.ts';
import { smoothGradCamPlusPlus } from '../../src/cam/smoothGradCamPlusPlus.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, tensor } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';
import { evidence } from './makeEvidence.ts';

const test = suite('accumulateEvidence');

const shape = [2, 2, 2];
const activation = fromData(Float64Array.of(1, 0, 2, 1, 0, 3, 1, 1), shape);

function accumulate(score: ScoreName, samples: readonly EvidenceSample[]): Evidence {
  const mean = accumulateEvidence({ activation, score, classIndex: 0 });
  for (const sample of samples) mean.add(sample);
  return mean.evidence();
}

/** exp on a linear head: D_r = e^z g^r, at the sample's own logScale. */
function expSample(
  logit: number,
  seed: number,
  logScale = Math.abs(logit) <= 300 ? 0 : logit,
): EvidenceSample {
  const random = createRandom(seed);
  const g = Float64Array.from({ length: 8 }, () => random.normal());
  const y = Math.exp(logit - logScale);
  const [d1, d2, d3] = [1, 2, 3].map((r) =>
    fromData(
      g.map((v) => y * v ** r),
      shape,
    ),
  );
  return { logit, probability: 0.5, rank: 1, y, logScale, d1, d2, d3 };
}

const fields = ['d1', 'd2', 'd3'] as const;

function sameEvidence(a: Evidence, b: Evidence): void {
  for (const name of fields) same(a[name].data, b[name].data);
  same([a.y, a.logScale], [b.y, b.logScale]);
}

/** The weighted mean by logarithms: Σ exp(l_s − L) d_s / n, all samples at hand. */
function meanInHindsight(
  samples: readonly EvidenceSample[],
  name: (typeof fields)[number],
  logScale: number,
) {
  return Float64Array.from(
    { length: 8 },
    (_, i) =>
      samples.reduce((sum, s) => sum + Math.exp((s.logScale ?? 0) - logScale) * s[name].data[i], 0) /
      samples.length,
  );
}

test('the plain running mean, bit for bit, while nothing needs a scale', () => {
  const samples = [3, -120, 290, 17.5, -299].map((z, s) => expSample(z, s));
  const got = accumulate('exp', samples);
  assert.is(got.logScale, 0);
  for (const name of fields) {
    const mean = new Float64Array(8);
    for (const [s, sample] of samples.entries()) {
      for (let i = 0; i < 8; i++) mean[i] += (sample[name].data[i] - mean[i]) / (s + 1);
    }
    same(got[name].data, mean);
  }
});

test('n identical samples give the bits of one, at any size of z', () => {
  for (const z of [0.3, 299, 300, 301, 1000, -300, -301, -1000]) {
    const sample = expSample(z, 5);
    const one = accumulate('exp', [sample]);
    assert.is(one.logScale, Math.abs(z) <= 300 ? 0 : z);
    for (const name of fields) same(one[name].data, sample[name].data);
    sameEvidence(accumulate('exp', new Array(25).fill(sample)), one);
  }
});

test('−0 stays −0', () => {
  const d = tensor([-0, 0, -0, 0, -0, 0, -0, 0], shape);
  const sample = { ...expSample(1, 1), d1: d };
  same(accumulate('exp', [sample, sample]).d1.data, d.data);
});

test('σ = 0: smoothgradcam++ of one sample is gradcam++ of its derivatives, bit for bit', () => {
  const sample = expSample(2.5, 9);
  const direct = gradCamPlusPlus(evidence({ activation, d1: sample.d1, d2: sample.d2, d3: sample.d3 }));
  same(smoothGradCamPlusPlus(accumulate('exp', [sample])).weights, direct.weights);
  assert.equal(smoothGradCamPlusPlus(accumulate('exp', [sample, sample])).counts, direct.counts);
});

test('n = 50 extends n = 25, and looking does not disturb', () => {
  const mean = accumulateEvidence({ activation, score: 'exp', classIndex: 0 });
  const samples = Array.from({ length: 50 }, (_, s) => expSample(Math.cos(s) * 20, s));
  for (const sample of samples.slice(0, 25)) mean.add(sample);
  const half = mean.evidence();
  const copy = half.d1.data.slice();
  for (const sample of samples.slice(25)) mean.add(sample);
  same(half.d1.data, copy);
  sameEvidence(half, accumulate('exp', samples.slice(0, 25)));
  sameEvidence(mean.evidence(), accumulate('exp', samples));
  assert.is(half.samples.length, 25);
  assert.is(mean.evidence().samples.length, 50);
});

test('exp: one common logScale, as if the maximum had been known, in any order', () => {
  const cases: [number[], number][] = [
    [[290, 310, 305], 310],
    [[310, 290, 312], 312],
    [[-400, -310, -350], -310],
    [[-400, 10, -301], 0],
    [[-305, -299.5], 0],
    [[1000, 998, 999.5], 1000],
    [[-1000, -1002, -999], -999],
    [[20, 800, -900], 800],
  ];
  for (const [logits, logScale] of cases) {
    const samples = logits.map((z, s) => expSample(z, s));
    const got = accumulate('exp', samples);
    assert.is(got.logScale, logScale);
    for (const name of fields)
      close(got[name].data, meanInHindsight(samples, name, logScale), { relative: 1e-13 });
    assert.ok(gradCamPlusPlus(got).weights.some((w) => w !== 0 && Number.isFinite(w)));
  }
});

test("a sample's own logScale is its own affair", () => {
  const logits = [4, 302, 299];
  const conventional = accumulate(
    'exp',
    logits.map((z, s) => expSample(z, s)),
  );
  const scaled = accumulate(
    'exp',
    logits.map((z, s) => expSample(z, s, z)),
  );
  assert.is(scaled.logScale, 302);
  for (const name of fields) close(scaled[name].data, conventional[name].data, { relative: 1e-12 });
});

test('prob: 0 unless every log p is below −300, then the largest', () => {
  // the arrays of exp with log p in the place of z; a logit of 5 must not matter
  const probSample = (logP: number, seed: number): EvidenceSample => ({ ...expSample(logP, seed), logit: 5 });
  for (const [logPs, logScale] of [
    [[-1, -400], 0],
    [[-400, -1], 0],
    [[-400, -300], 0],
    [[-400, -320, -350], -320],
    [[-500, -450], -450],
  ] as [number[], number][]) {
    const samples = logPs.map(probSample);
    const got = accumulate('prob', samples);
    assert.is(got.logScale, logScale);
    for (const name of fields)
      close(got[name].data, meanInHindsight(samples, name, logScale), { relative: 1e-13 });
  }
});

test('logit and logprob are plain means, however large z is', () => {
  const samples = [900, -900].map((z, s) => ({ ...expSample(0, s), logit: z }));
  for (const score of ['logit', 'logprob', 'custom'] as const) {
    const got = accumulate(score, samples);
    assert.is(got.logScale, 0);
    close(got.d1.data, meanInHindsight(samples, 'd1', 0), { relative: 1e-15 });
  }
});

test('a zero is certified when every sample certifies it', () => {
  const flat = fromData(new Float64Array(8), shape);
  const sample = (orders: number[]): EvidenceSample => ({
    ...expSample(1, 1),
    d2: flat,
    d3: flat,
    zero: { orders, reason: 'piecewise linear' },
  });
  const zeroOf = (...samples: EvidenceSample[]) => accumulate('logit', samples).zero;
  assert.equal(zeroOf(sample([2, 3]), sample([2, 3])), { orders: [2, 3], reason: 'piecewise linear' });
  assert.equal(zeroOf(sample([2, 3]), sample([3])), { orders: [3], reason: 'piecewise linear' });
  assert.is(zeroOf(sample([2, 3]), { ...sample([]), zero: undefined }), undefined);
  assert.is(zeroOf({ ...sample([]), zero: undefined }, sample([2, 3])), undefined);
});

test('bad samples are refused by number', () => {
  const mean = accumulateEvidence({ activation, score: 'exp', classIndex: 0 });
  assert.throws(() => mean.evidence(), /no sample was added/);
  mean.add(expSample(1, 1));
  assert.throws(() => mean.add({ ...expSample(1, 1), d2: tensor([1]) }), /add sample 1: d2 must have/);
  assert.throws(() => mean.add({ ...expSample(1, 1), logit: Number.NaN }), /add sample 1: logit must be/);
  const nan = tensor(new Float64Array(8).fill(Number.NaN), shape);
  assert.throws(() => mean.add({ ...expSample(1, 1), d3: nan }), /add sample 1: d3 must be finite/);
  sameEvidence(mean.evidence(), accumulate('exp', [expSample(1, 1)]));
});

test.run();
