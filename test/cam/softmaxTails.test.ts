import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { takeAt } from '../../src/autodiff/operations.ts';
import { derivatives } from '../../src/autodiff/taylor.ts';
import { createScore } from '../../src/cam/score.ts';
import { logSoftmax, softmax } from '../../src/layers/softmax.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { fixture } from '../support/check.ts';

interface Tail {
  readonly z: number[];
  readonly v: number[];
  readonly classIndex: number;
  /** Value and three derivatives, 25 digits. */
  readonly prob: string[];
  readonly logprob: string[];
}

const test = suite('softmax where naive forms lose every digit');
const { cases }: { cases: Tail[] } = JSON.parse(readFileSync(fixture('goldens/softmax-tails.json'), 'utf8'));

const oneDirection = (v: ArrayLike<number>) => ({
  data: Float64Array.from(v),
  count: 1,
  valueStride: 1,
  laneStride: v.length,
});

/** A decimal string divided by exp(logScale), though neither needs to fit a double. */
function scaledDown(text: string, logScale: number): number {
  const [mantissa, exponent = '0'] = text.split('e');
  if (logScale === 0) return Number(text);
  return Number(mantissa) * Math.exp(Number(exponent) * Math.LN10 - logScale);
}

/** The reference was worked out with 60 digits: beside 1 it holds nothing below 1e-60, and says 0. */
const REFERENCE_DIGITS = 1e-60;

function compare(got: readonly number[], wanted: readonly string[], logScale: number, label: string): void {
  got.forEach((value, k) => {
    const exact = scaledDown(wanted[k], logScale);
    const error = Math.abs(value - exact);
    assert.ok(
      error <= 1e-12 * Math.abs(exact) + (exact === 0 ? REFERENCE_DIGITS : 0),
      `${label}, order ${k}: got ${value}, wanted ${exact}, error ${error / Math.abs(exact)}`,
    );
  });
}

cases.forEach(({ z, v, classIndex, prob, logprob }, i) => {
  const title = `case ${i}: z = [${z}], class ${classIndex}`;
  const direction = tensor(v);
  const pick = Int32Array.of(classIndex);
  test(`${title}, logprob by jet`, () => {
    const d = derivatives((x) => takeAt(logSoftmax(x), pick, []), tensor(z), { direction, order: 3 });
    compare(
      d.map((x) => x.data[0]),
      logprob,
      0,
      'logprob',
    );
  });
  test(`${title}, prob by jet`, () => {
    const score = createScore('prob', { classIndex });
    const { logScale } = score.value(tensor(z));
    const d = derivatives((x) => score.value(x).y, tensor(z), { direction, order: 3 });
    compare(
      d.map((x) => x.data[0]),
      prob,
      logScale,
      'prob',
    );
    if (logScale === 0) {
      const plain = derivatives((x) => takeAt(softmax(x), pick, []), tensor(z), { direction, order: 3 });
      compare(
        plain.map((x) => x.data[0]),
        prob,
        0,
        'softmax',
      );
    }
  });
  for (const name of ['prob', 'logprob'] as const) {
    test(`${title}, ${name} by its closed tail`, () => {
      const score = createScore(name, { classIndex });
      const { y, logScale } = score.value(tensor(z));
      const closed = score.derivativesAlong?.(Float64Array.from(z), oneDirection(v), 3) ?? [];
      compare([y.data[0], ...closed.map((d) => d[0])], name === 'prob' ? prob : logprob, logScale, name);
    });
  }
});

test('probabilities sum to 1, so their derivatives sum to 0', () => {
  const z = [2, -1, 0.5, 0.25];
  const v = Float64Array.of(0.3, -2, 1, 0.7);
  for (let r = 0; r < 3; r++) {
    const total = z.reduce((sum, _, c) => {
      const closed =
        createScore('prob', { classIndex: c }).derivativesAlong?.(Float64Array.from(z), oneDirection(v), 3) ??
        [];
      return sum + closed[r][0];
    }, 0);
    assert.ok(Math.abs(total) < 1e-15, `order ${r + 1}: ${total}`);
  }
});

test.run();
