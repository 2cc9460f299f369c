import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { effectiveSampleSize, rankOf, sampleWarnings, timesOnTop } from '../../src/cam/diagnostics.ts';
import type { ScoreName } from '../../src/cam/score.ts';

import { InputError } from '../../src/tensor/errors.ts';
import { close } from '../support/check.ts';

const test = suite('diagnostics');

const sampled = (logits: number[], ranks: number[] = [], score: ScoreName = 'exp', sigma = 0.15) => ({
  score,
  sigma,
  samples: logits.map((logit, s) => ({ logit, probability: 0.5, rank: ranks[s] ?? 1 })),
});

test('effective sample size (Σe)²/Σe²', () => {
  assert.is(effectiveSampleSize(sampled([2, 2, 2, 2])), 4);
  // e = 1, 2, 3: 36/14
  close([effectiveSampleSize(sampled([0, Math.log(2), Math.log(3)]))], [36 / 14], { relative: 1e-14 });
  close([effectiveSampleSize(sampled([5000, 5000 + Math.log(2), 5000 + Math.log(3)]))], [36 / 14], {
    relative: 1e-12,
  });
  close([effectiveSampleSize(sampled([-5000, -5000 + Math.log(2)]))], [9 / 5], { relative: 1e-12 });
  assert.is(effectiveSampleSize(sampled([1000, -1000, 0])), 1);
});

test('it is n for the other scores and 0 for no sample', () => {
  for (const score of ['prob', 'logprob', 'logit', 'custom'] as ScoreName[]) {
    assert.is(effectiveSampleSize(sampled([0, 9, 99], [], score)), 3);
  }
  assert.is(effectiveSampleSize(sampled([])), 0);
});

test('rank of a class: ties to the lower index, as the prediction takes them', () => {
  const logits = [1, 5, 3, 5];
  assert.equal(
    [0, 1, 2, 3].map((c) => rankOf(logits, c)),
    [4, 1, 3, 2],
  );
  assert.is(rankOf(Float32Array.of(7), 0), 1);
  for (const c of [-1, 4, 0.5]) {
    assert.throws(
      () => rankOf(logits, c),
      (error: unknown) => error instanceof InputError && /0 … 3/.test(error.message),
    );
  }
});

test('warns when the class is on top in under half of the samples', () => {
  const of = (ranks: number[]) => sampleWarnings(sampled([1, 1, 1, 1, 1], ranks));
  assert.is(timesOnTop(sampled([1, 1, 1], [1, 2, 1]).samples), 2);
  assert.equal(of([1, 1, 1, 2, 3]), []);
  assert.equal(sampleWarnings(sampled([1, 1, 1, 1], [1, 1, 2, 2])), []);
  assert.is(of([1, 2, 1, 2, 2]).length, 1);
  assert.match(of([1, 2, 1, 2, 2])[0], /on top in only 2 of 5 .*--sigma/);
});

test('a class that was not on top of the clean picture is judged by its change of rank', () => {
  const of = (ranks: number[], clean: number) => sampleWarnings(sampled([1, 1, 1, 1, 1], ranks), clean);
  assert.equal(of([9, 11, 12, 13, 21], 11), []);
  assert.equal(of([3, 3, 5, 9, 9], 3), []);
  assert.match(of([3, 4, 6, 9, 9], 3)[0], /has rank 3 in the clean picture and 6 .* smaller --sigma/);
});

test('warns when the effective sample size is below 3', () => {
  assert.equal(sampleWarnings(sampled([1, 1, 1])), []);
  const [warning, ...others] = sampleWarnings(sampled([9, 1, 1, 1]));
  assert.match(warning, /effective sample size is 1\.0 of 4.*exp\(logit\)/);
  assert.equal(others, []);
  assert.match(sampleWarnings(sampled([1, 1], [], 'prob'))[0], /is 2\.0 of 2: try more/);
});

test('the clean image alone needs no warning', () => {
  assert.equal(sampleWarnings(sampled([1], [4], 'exp', 0)), []);
  assert.is(sampleWarnings(sampled([1], [4], 'exp', 0.15)).length, 2);
});

test.run();
