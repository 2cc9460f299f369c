import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openStage, staged } from '../../../src/image/node/stage.ts';

const test = suite('stage');
const root = mkdtempSync(join(tmpdir(), 'jetgrad-stage-'));
const at = (...parts: string[]) => join(root, ...parts);
test.after(() => rmSync(root, { recursive: true, force: true }));

test('files appear together at the end, over those of before', async () => {
  mkdirSync(at('one'));
  writeFileSync(at('one', 'a'), 'old');
  await staged(at('one'), async (stage) => {
    stage.write('a', 'new');
    stage.write('b', [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    assert.is(readFileSync(at('one', 'a'), 'utf8'), 'old');
  });
  assert.equal(readdirSync(at('one')).sort(), ['a', 'b']);
  assert.is(readFileSync(at('one', 'a'), 'utf8'), 'new');
  assert.equal([...readFileSync(at('one', 'b'))], [1, 2, 3]);
});

test('a failure leaves nothing, not even the folders made', async () => {
  const failing = staged(at('x', 'y', 'z'), async (stage) => {
    stage.write('a', 'text');
    throw new Error('no');
  });
  await failing.then(assert.unreachable, ({ message }) => assert.is(message, 'no'));
  assert.not(readdirSync(root).includes('x'));
});

test('folders that others have used stay', () => {
  const stage = openStage(at('p', 'q'));
  writeFileSync(at('p', 'other'), '');
  stage.write('a', 'text');
  stage.discard();
  assert.equal(readdirSync(at('p')), ['other']);
});

test('discard after commit does nothing', () => {
  const stage = openStage(at('kept'));
  stage.write('a', 'text');
  stage.commit();
  stage.discard();
  assert.equal(readdirSync(at('kept')), ['a']);
});

test('a file in the place of a folder is refused', () => {
  writeFileSync(at('file'), '');
  assert.throws(() => openStage(at('file', 'x')), /Cannot write to .*file\/x: .*file is a file/);
});

test.run();
