import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DisagreementError, openResultStore } from '../../../src/evaluate/queue/resultStore.ts';
import { goldenOf, keysOf, setOf } from './golden.ts';

const test = suite('resultStore');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-store-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const [a, b, c, d] = keysOf(4);

test('a result is kept, and the same again changes nothing', () => {
  const store = openResultStore(join(folder, 'one'));
  assert.not(store.has(a));
  assert.is(store.read(a), undefined);
  store.put(a, goldenOf(a));
  store.put(a, goldenOf(a));
  assert.ok(store.has(a));
  assert.equal(Uint8Array.from(store.read(a) as Uint8Array), goldenOf(a));
  assert.equal(readdirSync(join(folder, 'one', '.writing')), []);
});

test('other bits for a key are an error, told to all; the first stay', () => {
  const store = openResultStore(join(folder, 'two'));
  store.put(b, goldenOf(b));
  assert.throws(
    () => store.put(b, goldenOf(a)),
    (error: Error) => error instanceof DisagreementError && /a machine is broken/.test(error.message),
  );
  assert.equal(Uint8Array.from(store.read(b) as Uint8Array), goldenOf(b));
  assert.equal(
    openResultStore(join(folder, 'two'))
      .disagreements()
      .map(({ key }) => key),
    [b],
  );
});

test('why there is no result stands in its place, until there is one', () => {
  const store = openResultStore(join(folder, 'three'));
  store.fail(c, { kind: 'crash', message: 'lost' });
  assert.ok(store.has(c));
  assert.equal(store.failure(c), { kind: 'crash', message: 'lost' });
  store.put(c, goldenOf(c));
  assert.is(store.failure(c), undefined);
  store.fail(c, { kind: 'input', message: 'damaged' });
  assert.is(store.failure(c), undefined);
});

test('what lost writers left is swept where the key is settled', () => {
  const store = openResultStore(join(folder, 'four'));
  store.put(d, goldenOf(d));
  writeFileSync(join(folder, 'four', '.writing', `${d}.result.host-1-0`), 'half');
  writeFileSync(join(folder, 'four', '.writing', `${a}.result.host-1-1`), 'half');
  store.sweep();
  assert.equal(readdirSync(join(folder, 'four', '.writing')), [`${a}.result.host-1-1`]);
});

test('a set is cancelled and taken up again', () => {
  const store = openResultStore(join(folder, 'five'));
  const set = setOf('set');
  assert.not(store.isCancelled(set));
  store.cancel(set);
  store.cancel(set);
  assert.ok(store.isCancelled(set));
  store.uncancel(set);
  assert.not(store.isCancelled(set));
});

test.run();
