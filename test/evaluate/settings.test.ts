import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { roundsOf, type Settings } from '../../src/evaluate/settings.ts';

const test = suite('settings of an evaluation');

const settings: Settings = {
  methods: ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad'],
  metrics: ['mass'],
  scores: ['exp'],
  sigmas: [0.15],
  samples: [25],
  seed: 0,
  layer: undefined,
};

test('one setting is one round, with the controls, under their own names', () => {
  const [round, ...others] = roundsOf(settings);
  assert.is(others.length, 0);
  assert.equal(
    round.trials.map(({ name }) => name),
    [...settings.methods, 'ones', 'centre', 'random', 'meanactivation', 'gradcam+'],
  );
});

test('a method is run once for each setting of what it reads', () => {
  const rounds = roundsOf({ ...settings, scores: ['exp', 'prob'], sigmas: [0.1, 0.2], samples: [1, 5] });
  const names = rounds.flatMap(({ trials }) => trials.map(({ name }) => name));
  assert.is(new Set(names).size, names.length);
  const of = (method: string) => names.filter((name) => name.split(' ')[0] === method);
  assert.equal(of('gradcam'), ['gradcam']);
  assert.equal(of('gradcam++'), ['gradcam++ exp', 'gradcam++ prob']);
  assert.is(of('smoothgradcam++').length, 8);
  assert.equal(of('smoothgrad'), [
    'smoothgrad σ 0.1 n 1',
    'smoothgrad σ 0.1 n 5',
    'smoothgrad σ 0.2 n 1',
    'smoothgrad σ 0.2 n 5',
  ]);
});

test('a control that is asked for is run once', () => {
  const [{ trials }] = roundsOf({ ...settings, methods: ['ones', 'gradcam'] });
  assert.is(trials.filter(({ method }) => method === 'ones').length, 1);
});

test.run();
