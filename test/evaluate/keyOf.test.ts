import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../src/evaluate/keyOf.ts';

const test = suite('keys of results');

const facts = {
  ...{ model: 'm', picture: 'p', version: '1' },
  settings: { seed: 1, layer: undefined, samples: [2] },
};

test('a key is of what a result depends on, in whatever order it is said', () => {
  const key = keyOf(facts);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.is(keyOf({ ...facts, settings: { samples: [2], seed: 1 } }), key);
  const changes = [
    { model: 'n' },
    { picture: 'q' },
    { version: '2' },
    { settings: { seed: 2, samples: [2] } },
  ];
  for (const change of changes) assert.is.not(keyOf({ ...facts, ...change }), key);
});

test.run();
