import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { masksOnInput, occurrenceFacts } from '../../src/evaluate/masksOnInput.ts';
import { sceneClasses } from '../../src/evaluate/scenes/index.ts';
import { folderSet, parseLabelTable } from '../../src/evaluate/sets/folderSet.ts';
import { openSet } from '../../src/evaluate/sets/openSet.ts';
import { encodePng } from '../../src/node/pictures/encodePng.ts';
import { close } from '../support/check.ts';

const test = suite('sets of pictures');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-sets-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A picture of 2 × 2 pixels of these reds. */
function write(name: string, reds: readonly number[]): void {
  const data = Uint8Array.from({ length: 16 }, (_, i) => (i % 4 === 0 ? reds[i / 4] : i % 4 === 3 ? 255 : 0));
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, encodePng({ width: 2, height: 2, data }));
}

write('b/two.png', [1, 2, 3, 4]);
write('b/two.mask.png', [9, 0, 7, 9]);
write('a/one.png', [5, 5, 5, 5]);
write('three.png', [6, 6, 6, 6]);

test('a folder: pictures in the order of their names, labels by folder, a mask for each colour', () => {
  const set = folderSet(folder);
  assert.is(set.count, 3);
  assert.equal([0, 1, 2].map(set.nameOf), ['a/one.png', 'b/two.png', 'three.png']);
  assert.equal(
    [0, 1, 2].map((i) => set.read(i).label),
    ['a', 'b', undefined],
  );
  assert.equal(set.read(1).masks, [Uint8Array.of(0, 0, 1, 0), Uint8Array.of(1, 0, 0, 1)]);
  assert.equal(set.read(0).masks, []);
  assert.is(new Set([0, 1, 2].map(set.hashOf)).size, 3);
});

test('what is known of a picture is in its hash', () => {
  const before = folderSet(folder).hashOf(1);
  write('b/two.mask.png', [9, 0, 7, 0]);
  const masked = folderSet(folder).hashOf(1);
  writeFileSync(join(folder, 'labels.csv'), 'file,label\nb/two.png,"cat, tabby"\n');
  const set = folderSet(folder);
  assert.is(set.read(1).label, 'cat, tabby');
  assert.is(set.read(0).label, 'a');
  assert.is(new Set([before, masked, set.hashOf(1)]).size, 3);
  rmSync(join(folder, 'labels.csv'));
});

test('a mask has the size of its picture', () => {
  const data = new Uint8Array(12).fill(255);
  writeFileSync(join(folder, 'a/one.mask.png'), encodePng({ width: 3, height: 1, data }));
  assert.throws(() => folderSet(folder).read(0), /one\.mask\.png: it has 3×1 pixels, its picture 2×2/);
  rmSync(join(folder, 'a/one.mask.png'));
});

test('tables of labels: quotes, a first line of names, and lines that are none', () => {
  const table = parseLabelTable('\ufefffile,label\r\nx.png,ant\n\n"a,b.png","say ""hi"""\n', 'labels.csv');
  assert.equal(
    [...table],
    [
      ['x.png', 'ant'],
      ['a,b.png', 'say "hi"'],
    ],
  );
  assert.throws(
    () => parseLabelTable('x.png\n', 'labels.csv'),
    /labels\.csv: line 1 must be a file and its label/,
  );
});

test('scenes: classes in turn, then numbers of occurrences; another seed, others', () => {
  const labels = ['heart', 'dog', 'star'];
  const known = sceneClasses.filter((each) => labels.includes(each));
  const set = openSet('scenes:9', { labels });
  assert.is(set.count, 9);
  const scenes = Array.from({ length: 9 }, (_, i) => set.read(i));
  assert.equal(
    scenes.map(({ label }) => label),
    scenes.map((_, i) => known[i % 2]),
  );
  assert.equal(
    scenes.map(({ masks }) => masks.length),
    [1, 1, 2, 2, 3, 3, 4, 4, 1],
  );
  const other = openSet('scenes:9:1', { labels });
  assert.not.equal(other.read(0).picture.data, scenes[0].picture.data);
  assert.not.equal(other.hashOf(0), set.hashOf(0));
  const { picture, masks, without } = scenes[2];
  const taken = without?.(0).data ?? picture.data;
  const inside = masks[0].indexOf(1);
  const outside = masks[1].indexOf(1);
  const differs = (mask: Uint8Array) =>
    mask.some(
      (value, i) => value === 1 && [0, 1, 2].some((c) => taken[4 * i + c] !== picture.data[4 * i + c]),
    );
  assert.ok(inside >= 0 && outside >= 0);
  assert.ok(differs(masks[0]));
  assert.not.ok(differs(masks[1]));
});

test('what is no set is refused by name', () => {
  assert.throws(() => openSet('scenes:0', { labels: ['star'] }), /at least one scene/);
  assert.throws(
    () => openSet(join(folder, 'nothing'), { labels: [] }),
    /it must be a folder of pictures, scenes:N/,
  );
  assert.throws(() => openSet('scenes:5', { labels: ['dog'] }), /name none of the scenes' classes, /);
  assert.is(openSet('scenes:5', { labels: ['star'], limit: 3 }).count, 3);
});

test('masks as the network sees them: crops, and sides that differ', () => {
  // 4 × 2 pixels; the network sees the right half, at 2 × 2
  const mask = Uint8Array.of(1, 0, 0, 1, 0, 0, 0, 1);
  const left = Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0);
  const frame = { width: 4, height: 2 };
  const seen = { crop: { x: 2, y: 0, width: 2, height: 2 }, input: { width: 2, height: 2 } };
  assert.equal(masksOnInput([mask, left], frame, seen), [Uint8Array.of(0, 1, 0, 1), undefined]);
  const larger = { crop: { x: 0, y: 0, ...frame }, input: { width: 8, height: 2 } };
  assert.equal(
    Array.from(masksOnInput([left], frame, larger)[0] ?? []),
    [1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0],
  );
});

test('facts of occurrences: number, mean share, distance of the nearest two', () => {
  const at = (...pixels: number[]) => Uint8Array.from({ length: 16 }, (_, i) => Number(pixels.includes(i)));
  const { occurrences, size, distance } = occurrenceFacts([at(0, 1), at(15), at(13)], {
    width: 4,
    height: 4,
  });
  assert.is(occurrences, 3);
  close(size ?? 0, 4 / 3 / 16, {});
  // (3, 3) and (1, 3) are 2 apart
  close(distance ?? 0, 2 / 4, {});
  assert.equal(occurrenceFacts([], { width: 4, height: 4 }), { occurrences: 0 });
});

test.run();
