import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { heads, type Numbers } from '../../../bench/heads/heads.ts';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import type { Plan } from '../../../src/autodiff/diagonal/diagonalResult.ts';
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
function planFor({ head, activation }: ReturnType<(typeof heads)[string]>, name: NamedScore): Plan {
  let known: Plan | undefined;
  const enough = new Error('the plan is known');
  const onPlan = (plan: Plan) => {
    known = plan;
    throw enough;
  };
  try {
    diagonal((a: Tensor) => reshape(head(a), [-1]), activation, {
      score: createScore(name, { classIndex: 7, ending: 'none' }),
      onPlan,
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return known as Plan;
}

/** What is chosen for logit, exp and prob; of sums of channels also by what their own derivatives are found. All were measured. */
const chosen: Readonly<Record<string, readonly [string, string, string]>> = {
  vgg16: ['linear-prefix', 'linear-prefix', 'linear-prefix'],
  'vgg16-gelu': ['adjoint', 'adjoint', 'adjoint'],
  resnet: ['linear-prefix', 'linear-prefix', 'channel-collapse by adjoint'],
  squeezenet: ['linear-prefix', 'linear-prefix', 'linear-prefix'],
  mobilenetv2: ['linear-prefix', 'linear-prefix', 'channel-collapse by adjoint'],
  mobilenet: ['powered-weights', 'channel-collapse by adjoint', 'channel-collapse by adjoint'],
  efficientnet: ['powered-weights', 'channel-collapse by linear-prefix', 'channel-collapse by adjoint'],
  convnext: ['channel-collapse by adjoint', 'channel-collapse by adjoint', 'channel-collapse by adjoint'],
  // By jets, which a measure that forgot calls and patches of other plans chose, a probability takes forty times as long.
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

test('where no entry reaches y, work is a number all the same', () => {
  const shut = (a: Tensor) => reshape(heads.resnet(() => -1).head(a), [-1]);
  const { activation } = heads.resnet(() => -1);
  const score = createScore('prob', { classIndex: 7, ending: 'none' });
  const { plan } = diagonal(shut, activation, { score, entries: [], plan: 'adjoint' });
  for (const { applicable, work, bytes } of plan.candidates)
    assert.ok(!applicable || Number.isFinite(work + bytes));
});

test.run();
