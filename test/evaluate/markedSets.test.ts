import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSet } from '../../src/evaluate/sets/openSet.ts';
import { fillPolygons, fillRuns } from '../../src/evaluate/sets/polygon.ts';
import { vocColour } from '../../src/evaluate/sets/vocColour.ts';
import { encodePng } from '../../src/node/pictures/encodePng.ts';

const test = suite('sets with masks beside the pictures');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-marked-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const size = { width: 3, height: 2 };

test('polygons take the pixels whose centres are inside, even-odd, any of several', () => {
  const square = [0, 0, 2, 0, 2, 1, 0, 1];
  assert.equal(Array.from(fillPolygons([square], size)), [1, 1, 0, 0, 0, 0]);
  // Right of the diagonal from the corner above to the one below
  assert.equal(Array.from(fillPolygons([[0, 0, 3, 0, 3, 2]], size)), [0, 1, 1, 0, 0, 1]);
  assert.equal(Array.from(fillPolygons([square, [2, 1, 9, 1, 9, 9, 2, 9]], size)), [1, 1, 0, 0, 0, 1]);
  assert.equal(Array.from(fillPolygons([[]], size)), [0, 0, 0, 0, 0, 0]);
});

test('runs go down the columns', () => {
  // One 0, two 1, one 0, two 1: (0,1), (1,0) and the last column
  assert.equal(Array.from(fillRuns([1, 2, 1, 2], size)), [0, 1, 1, 1, 0, 1]);
});

test('the colours of Pascal VOC', () => {
  const rgb = (index: number) => [0, 8, 16].map((shift) => (vocColour(index) >> shift) & 255);
  assert.equal([1, 2, 3, 8, 15, 20].map(rgb), [
    [128, 0, 0],
    [0, 128, 0],
    [128, 128, 0],
    [64, 0, 0],
    [192, 128, 128],
    [0, 64, 128],
  ]);
});

const bytesOf = (colours: readonly number[]) =>
  encodePng({
    ...size,
    data: Uint8Array.from(colours.flatMap((each) => [each & 255, (each >> 8) & 255, each >> 16, 255])),
  });

test('coco: each picture once for each category, crowds left out', () => {
  mkdirSync(join(folder, 'coco/annotations'), { recursive: true });
  mkdirSync(join(folder, 'coco/images/val'), { recursive: true });
  writeFileSync(join(folder, 'coco/images/val/a.png'), bytesOf([1, 2, 3, 4, 5, 6]));
  const square = [[0, 0, 2, 0, 2, 1, 0, 1]];
  const of = (category_id: number, segmentation: unknown, iscrowd = 0) => ({
    image_id: 7,
    category_id,
    segmentation,
    iscrowd,
  });
  writeFileSync(
    join(folder, 'coco/annotations/instances_val.json'),
    JSON.stringify({
      images: [{ id: 7, file_name: 'a.png' }],
      categories: [
        { id: 1, name: 'cat' },
        { id: 2, name: 'dog' },
      ],
      annotations: [of(2, square), of(1, square), of(1, { counts: [5, 1] }), of(1, { counts: [0, 6] }, 1)],
    }),
  );
  const set = openSet(`coco:${join(folder, 'coco')}`, { labels: [] });
  assert.equal(
    Array.from({ length: set.count }, (_, i) => set.nameOf(i)),
    ['a.png cat', 'a.png dog'],
  );
  const cats = set.read(0);
  assert.is(cats.label, 'cat');
  assert.equal(
    cats.masks.map((mask) => Array.from(mask)),
    [
      [1, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 1],
    ],
  );
  assert.not.equal(set.hashOf(0), set.hashOf(1));
  writeFileSync(join(folder, 'coco/annotations/instances_val.json'), '[]');
  assert.throws(
    () => openSet(`coco:${join(folder, 'coco')}`, { labels: [] }),
    /it must be JSON with the lists images, categories, annotations/,
  );
});

test('voc: the objects of a class by the numbers of the mask', () => {
  for (const each of ['JPEGImages', 'Annotations', 'SegmentationObject'])
    mkdirSync(join(folder, 'voc', each), { recursive: true });
  writeFileSync(join(folder, 'voc/JPEGImages/x.jpg'), bytesOf([1, 2, 3, 4, 5, 6]));
  const object = (name: string) => `<object><name>${name}</name><bndbox/></object>`;
  writeFileSync(
    join(folder, 'voc/Annotations/x.xml'),
    `<annotation>${object('cat')}${object('dog')}${object('cat')}</annotation>`,
  );
  // Colours of the objects 1, 2 and 3, ground, and the border
  writeFileSync(
    join(folder, 'voc/SegmentationObject/x.png'),
    bytesOf([128, 128 << 8, 0, 128 + (128 << 8), 0xc0e0e0, 128]),
  );
  const set = openSet(`voc:${join(folder, 'voc')}`, { labels: [] });
  assert.equal(
    Array.from({ length: set.count }, (_, i) => set.nameOf(i)),
    ['x cat', 'x dog'],
  );
  assert.equal(
    set.read(0).masks.map((mask) => Array.from(mask)),
    [
      [1, 0, 0, 0, 0, 1],
      [0, 0, 0, 1, 0, 0],
    ],
  );
  assert.equal(
    set.read(1).masks.map((mask) => Array.from(mask)),
    [[0, 1, 0, 0, 0, 0]],
  );
});

test('folders that are no such set are refused', () => {
  assert.throws(() => openSet(`voc:${folder}`, { labels: [] }), /there is no mask in/);
  assert.throws(
    () => openSet(`coco:${join(folder, 'voc')}`, { labels: [] }),
    /there is no annotations\/instances_NAME\.json/,
  );
  assert.throws(() => openSet('coco:nowhere', { labels: [] }), /coco:FOLDER/);
});

test.run();
