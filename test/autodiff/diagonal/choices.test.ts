import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Head, heads, type Numbers } from '../../../bench/heads/heads.ts';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import type { Plan } from '../../../src/autodiff/diagonal/diagonalResult.ts';
import { predict } from '../../../src/autodiff/diagonal/predict.ts';
import { reshape } from '../../../src/autodiff/operations.ts';
import { createScore, type NamedScore } from '../../../src/cam/score.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';

const test = suite('choices of plans');
const random = createRandom(1);
const few = Float64Array.from({ length: 4093 }, () => random.normal());

/** The same few normal numbers over and over: choices are made by structure. */
function cycled(): Numbers {
  let at = 0;
  return () => few[at++ % few.length];
}

/** The plans of a head, of which none is run. */
function planFor({ head, activation }: Head, name: NamedScore, entries?: ArrayLike<number>): Plan {
  let known: Plan | undefined;
  const enough = new Error('the plan is known');
  const onPlan = (plan: Plan) => {
    known = plan;
    throw enough;
  };
  try {
    diagonal((a: Tensor) => reshape(head(a), [-1]), activation, {
      score: createScore(name, { classIndex: 7, ending: 'none' }),
      ...{ entries, onPlan },
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return known as Plan;
}

/** What is chosen for logit, exp and prob; of sums of channels also by what their own derivatives are found. */
const chosen: Readonly<Record<string, readonly [string, string, string]>> = {
  vgg16: ['linear-prefix', 'linear-prefix', 'linear-prefix'],
  'vgg16-gelu': ['adjoint', 'adjoint', 'adjoint'],
  resnet: ['linear-prefix', 'linear-prefix', 'channel-collapse by adjoint'],
  squeezenet: ['linear-prefix', 'linear-prefix', 'linear-prefix'],
  mobilenetv2: ['linear-prefix', 'linear-prefix', 'channel-collapse by adjoint'],
  mobilenet: ['powered-weights', 'channel-collapse by adjoint', 'channel-collapse by adjoint'],
  efficientnet: ['powered-weights', 'channel-collapse by linear-prefix', 'channel-collapse by adjoint'],
  convnext: ['channel-collapse by adjoint', 'channel-collapse by adjoint', 'channel-collapse by adjoint'],
  // By jets a probability takes forty times as long.
  swin: ['adjoint', 'adjoint', 'adjoint'],
  vit: ['adjoint', 'adjoint', 'adjoint'],
};

test('every head of the benchmark has its row', () => {
  assert.equal(Object.keys(chosen).sort(), Object.keys(heads).sort());
});

for (const [name, wanted] of Object.entries(chosen)) {
  test(`${name}: what takes least`, () => {
    const made = heads[name](cycled());
    const found = (['logit', 'exp', 'prob'] as const).map((score) => {
      const plan = planFor(made, score);
      for (const { applicable, work } of plan.candidates) assert.ok(!applicable || work >= plan.work, score);
      const behind = /their derivatives (by \S+),/.exec(plan.why)?.[1];
      return behind === undefined ? plan.name : `${plan.name} ${behind}`;
    });
    assert.equal(found, wanted);
  });
}

interface Measured {
  readonly title: string;
  readonly score: NamedScore;
  readonly plan: string;
  readonly entries: number | undefined;
  readonly work: number;
  readonly measured: number;
  readonly predicted: number;
}

/** The rows of docs/performance.md that say what plans take and what is predicted. */
function measuredRows(): Measured[] {
  const text = readFileSync(new URL('../../../docs/performance.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('| head | score | plan | entries |')).split('\n\n')[0];
  return table
    .split('\n')
    .slice(2)
    .map((line) => {
      const [title, score, plan, entries, , ...numbers] = line.slice(2).split(' | ');
      const [work, measured, predicted] = numbers.map((each) => Number.parseFloat(each));
      const count = entries === 'all' ? undefined : Number(entries);
      return { title, score: score as NamedScore, plan, entries: count, work, measured, predicted };
    });
}

/** Multiply-adds of products a second where they were measured. */
const SPEED = 8.4e9;
/** What predictions of a tenth of a second and more are held to. */
const FACTOR = 3;

test('what is predicted is what was measured, within a factor', () => {
  const rows = measuredRows();
  assert.ok(rows.length > 10);
  for (const { title, plan, work, measured, predicted } of rows) {
    const { seconds } = predict({ work, bytes: 0 }, () => SPEED);
    assert.ok(Math.abs(predicted / seconds - 1) < 0.06, `${title}, ${plan}: ${seconds}, not ${predicted} s`);
    if (measured < 0.1) continue;
    const ratio = seconds / measured;
    assert.ok(ratio < FACTOR && ratio > 1 / FACTOR, `${title}, ${plan}: ${ratio} of what it took`);
  }
});

for (const name of ['vit', 'mobilenet', 'convnext', 'swin', 'efficientnet', 'resnet']) {
  test(`${name}: the work in the table is what is found`, () => {
    const made = heads[name](cycled());
    const rows = measuredRows().filter(({ title }) => title === made.name);
    assert.ok(rows.length > 0);
    for (const { score, plan, entries: count, work } of rows) {
      const entries = count === undefined ? undefined : Array.from({ length: count }, (_, i) => i);
      const found = planFor(made, score, entries).candidates.find((each) => each.name === plan);
      assert.ok(Math.abs((found?.work ?? 0) / work - 1) < 0.06, `${plan}: ${found?.work}, not ${work}`);
    }
  });
}

test('where no entry reaches y, work is a number all the same', () => {
  const shut = (a: Tensor) => reshape(heads.resnet(() => -1).head(a), [-1]);
  const { activation } = heads.resnet(() => -1);
  const score = createScore('prob', { classIndex: 7, ending: 'none' });
  const { plan } = diagonal(shut, activation, { score, entries: [], plan: 'adjoint' });
  for (const { applicable, work, bytes } of plan.candidates)
    assert.ok(!applicable || Number.isFinite(work + bytes));
});

test.run();
