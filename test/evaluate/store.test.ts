import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clearStore, keyOf, openStore } from '../../src/evaluate/store.ts';

const test = suite('store of results');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-store-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const facts = {
  model: 'm',
  picture: 'p',
  settings: { seed: 1, layer: undefined, samples: [2] },
  version: '1',
};
const failure = { picture: 'p', model: 'm', error: 'no' };

test('a key is of what a result depends on, in whatever order it is said', () => {
  const key = keyOf(facts);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.is(keyOf({ ...facts, settings: { samples: [2], seed: 1 } }), key);
  for (const change of [
    { model: 'n' },
    { picture: 'q' },
    { version: '2' },
    { settings: { seed: 2, samples: [2] } },
  ]) {
    assert.is.not(keyOf({ ...facts, ...change }), key);
  }
});

test('what is written is there, whole; the same again is nothing, other bits are an error', () => {
  const store = openStore(folder);
  const key = keyOf(facts);
  assert.not.ok(store.has(key));
  assert.is(store.read(key), undefined);
  store.write(key, failure);
  store.write(key, failure);
  assert.equal(openStore(folder).read(key), failure);
  assert.throws(() => store.write(key, { ...failure, error: 'yes' }), /computed twice with different bits/);
  assert.equal(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
  assert.throws(() => store.has('../x'), /is no key/);
});

test('what stopped writers left is cleared away, and results are not', () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'left.part'), 'half');
  clearStore(folder);
  assert.not.ok(readdirSync(folder).includes('left.part'));
  assert.ok(openStore(folder).has(keyOf(facts)));
  clearStore(join(folder, 'nothing'));
});

test('a result that is none is named', () => {
  const key = keyOf({ ...facts, version: '3' });
  mkdirSync(join(folder, key.slice(0, 2)), { recursive: true });
  writeFileSync(join(folder, key.slice(0, 2), `${key}.json`), '{"pict');
  assert.throws(() => openStore(folder).read(key), /it is no result; remove it/);
});

test.run();
