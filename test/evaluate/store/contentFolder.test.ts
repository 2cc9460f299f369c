import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { contentOf, contentOfFile } from '../../../src/evaluate/store/content.ts';
import { openContentFolder } from '../../../src/evaluate/store/contentFolder.ts';
import { InputError } from '../../../src/tensor/errors.ts';

const test = suite('files by their content');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-content-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function textOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (pieces === undefined) return undefined;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

test('content is named by its sha256, in pieces as in one', () => {
  const long = 'x'.repeat(2 ** 20 + 17);
  assert.equal(contentOfFile(fileOf('long', long)), contentOf(new TextEncoder().encode(long)));
  for (const path of [join(folder, 'none'), fileOf('empty', ''), folder]) {
    assert.throws(
      () => contentOfFile(path, 'it'),
      (error: Error) => error instanceof InputError && error.message.startsWith('Cannot read it: '),
    );
  }
});

test('a file is kept once, by a further name for it', async () => {
  const kept = openContentFolder(join(folder, 'kept'));
  const [one, other] = [fileOf('one', 'same'), fileOf('other', 'same')];
  const content = contentOfFile(one);
  kept.keepFile(one, content);
  kept.keepFile(other, content);
  assert.is(statSync(kept.pathOf(content.sha256)).ino, statSync(one).ino);
  assert.is(await textOf(await kept.open(content.sha256)), 'same');
  assert.is(await kept.open('0'.repeat(64)), undefined);
});

test('one that was changed through another of its names is put right', async () => {
  const kept = openContentFolder(join(folder, 'changed'));
  const source = fileOf('source', 'before');
  const before = contentOfFile(source);
  kept.keepFile(source, before);
  writeFileSync(source, 'behind');
  assert.is(await textOf(await kept.open(before.sha256)), 'behind');
  kept.keepFile(fileOf('again', 'before'), before);
  assert.is(await textOf(await kept.open(before.sha256)), 'before');
  assert.is(readFileSync(source, 'utf8'), 'behind');
});

test('bytes are kept whole, and what lost writers left is swept', () => {
  const kept = openContentFolder(join(folder, 'bytes'));
  const { sha256 } = kept.keepBytes(new TextEncoder().encode('bytes'));
  kept.keepBytes(new TextEncoder().encode('bytes'));
  assert.is(readFileSync(kept.pathOf(sha256), 'utf8'), 'bytes');
  const writing = join(folder, 'bytes/.writing');
  mkdirSync(writing, { recursive: true });
  writeFileSync(join(writing, `${sha256}.host-1-0`), 'half');
  writeFileSync(join(writing, `${'0'.repeat(64)}.host-1-1`), 'half');
  kept.sweep();
  assert.equal(readdirSync(writing), [`${'0'.repeat(64)}.host-1-1`]);
});

test.run();
