import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ContentError, contentOf } from '../../../src/evaluate/store/content.ts';
import type { FileSource } from '../../../src/evaluate/store/contentFolder.ts';
import { openFileCache } from '../../../src/evaluate/store/fileCache.ts';
import { limits } from '../../../src/tensor/limits.ts';

const test = suite('a cache of files');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-cache-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (text: string) => new TextEncoder().encode(text);
const fileOf = (name: string, text: string) => ({ name, ...contentOf(bytesOf(text)) });

/** A source of texts, which counts what is asked of it. */
function sourceOf(...texts: readonly string[]) {
  const asked: string[] = [];
  const content = new Map(texts.map((text) => [contentOf(bytesOf(text)).sha256, text]));
  const source: FileSource = {
    shown: 'the store',
    async open(sha256) {
      asked.push(sha256);
      const text = content.get(sha256);
      if (text === undefined) return undefined;
      async function* pieces() {
        for (const letter of text as string) yield bytesOf(letter);
      }
      return pieces();
    },
  };
  return { source, asked, content };
}

const fails = async (promise: Promise<unknown>, words: RegExp) => {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ContentError);
    assert.match((error as Error).message, words);
    return;
  }
  assert.unreachable(`${words} is not said`);
};

test('a file is fetched once, whoever wants it, and whenever', async () => {
  const { source, asked } = sourceOf('picture');
  const caches = Array.from({ length: 3 }, () => openFileCache(join(folder, 'once'), source));
  const file = fileOf('a', 'picture');
  const found = await Promise.all([...caches, ...caches].map((cache) => cache.read(file)));
  for (const bytes of found) assert.is(new TextDecoder().decode(bytes), 'picture');
  assert.is(new TextDecoder().decode(await caches[0].readList(file.sha256)), 'picture');
  assert.is(asked.length, 1);
  assert.equal(readdirSync(join(folder, 'once/claims')), []);
});

test('what was changed in the cache is fetched again', async () => {
  const { source, asked } = sourceOf('picture');
  const cache = openFileCache(join(folder, 'spoilt'), source);
  const file = fileOf('a', 'picture');
  await cache.read(file);
  for (const spoilt of ['pictures', '']) {
    writeFileSync(join(folder, 'spoilt/files', file.sha256.slice(0, 2), file.sha256), spoilt);
    assert.is(new TextDecoder().decode(await cache.read(file)), 'picture');
  }
  assert.is(asked.length, 3);
});

test('what is not what its name says is refused, and not kept', async () => {
  const { source, content } = sourceOf('picture');
  const cache = openFileCache(join(folder, 'wrong'), source);
  const file = fileOf('a', 'picture');
  content.set(file.sha256, 'pictuRe');
  await fails(cache.read(file), /it is not what its name says; was it changed after it was queued\?/);
  content.set(file.sha256, 'picture and more');
  await fails(cache.read(file), /it is not what its name says/);
  assert.not(existsSync(join(folder, 'wrong/files')));
  content.delete(file.sha256);
  await fails(cache.read(file), /the store does not have it/);
  await fails(cache.read({ ...file, size: limits.setFile.value + 1 }), /may have 2147483647/);
  content.set(file.sha256, 'picture');
  assert.is(new TextDecoder().decode(await cache.read(file)), 'picture');
});

test('one whose fetcher is gone is fetched by another', async () => {
  const { source } = sourceOf('picture');
  const cache = openFileCache(join(folder, 'gone'), source);
  const file = fileOf('a', 'picture');
  const [stage] = readdirSync(join(folder, 'gone')).filter((name) => name.startsWith('.jetgrad-'));
  // The same machine, a process that cannot be.
  const dead = stage.replace(/-\d+-\d+-/, '-999999999-1-');
  mkdirSync(join(folder, 'gone/claims'));
  writeFileSync(join(folder, 'gone/claims', file.sha256), dead);
  assert.is(new TextDecoder().decode(await cache.read(file)), 'picture');
});

test('a cache that is emptied is filled again', async () => {
  const { source, asked } = sourceOf('picture');
  const cache = openFileCache(join(folder, 'emptied'), source);
  const file = fileOf('models/0/a', 'picture');
  for (let times = 1; times <= 2; times++) {
    await cache.layOut('2'.repeat(64), [file]);
    assert.is(new TextDecoder().decode(await cache.read(file)), 'picture');
    assert.is(asked.length, times);
    rmSync(join(folder, 'emptied'), { recursive: true });
  }
});

test('files of a set are laid out by their names, once, and again where one was changed', async () => {
  const { source, asked } = sourceOf('model', 'weights');
  const cache = openFileCache(join(folder, 'laid'), source);
  const files = [fileOf('models/0/m.json', 'model'), fileOf('models/0/parts/w.bin', 'weights')];
  const name = '1'.repeat(64);
  const laid = await cache.layOut(name, files);
  assert.is(readFileSync(join(laid, 'models/0/parts/w.bin'), 'utf8'), 'weights');
  assert.is(await cache.layOut(name, files), laid);
  assert.is(asked.length, 2);
  // Through its name in the set, which is one more for that in the cache.
  writeFileSync(join(laid, 'models/0/m.json'), 'modeL');
  await cache.layOut(name, files);
  assert.is(readFileSync(join(laid, 'models/0/m.json'), 'utf8'), 'model');
  assert.is(asked.length, 3);
});

test.run();
