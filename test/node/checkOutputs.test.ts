import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkOutputs } from '../../src/node/checkOutputs.ts';
import { createFolder } from '../cli/command.ts';

const test = suite('checkOutputs');
const { at, file } = createFolder();
const read = file('read.bin', 'x');

test('a file that is read is not replaced, by whatever way it is named', () => {
  mkdirSync(at('folder'));
  symlinkSync(at(), at('folder', 'link'));
  symlinkSync(read, at('alias.bin'));
  for (const folder of [at(), at('folder', '..'), at('folder', 'link')]) {
    assert.throws(() => checkOutputs(folder, ['a', 'read.bin'], [read]), /read\.bin: it is an input; choose/);
  }
  for (const name of ['alias.bin', 'read.bin']) {
    assert.throws(() => checkOutputs(at(), [name], [at('alias.bin')]), /it is an input/);
  }
  checkOutputs(at('folder'), ['read.bin'], [read]);
});

test('a second name of its bytes may be replaced: the first keeps them', () => {
  linkSync(read, at('twin.bin'));
  checkOutputs(at(), ['twin.bin'], [read]);
});

test('names that are too long are refused by their bytes', () => {
  checkOutputs(at(), ['a'.repeat(255)], []);
  assert.throws(
    () => checkOutputs(at('none'), ['a'.repeat(256)], []),
    /its name has 256 bytes, and 255 are the most/,
  );
  assert.throws(() => checkOutputs(at(), ['ü'.repeat(128)], []), /256 bytes/);
});

test('a folder in a file’s place is refused', () => {
  assert.throws(() => checkOutputs(at(), ['folder'], []), /folder: a folder stands there/);
});

test.run();
