import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type EvaluateFlags, filesIn, openWork } from '../../../src/cli/evaluate/openWork.ts';
import { keepNothing, queuedSet } from '../../../src/cli/evaluate/queuedSet.ts';
import { openJobs } from '../../../src/cli/work/openJobs.ts';
import { WorkerEndError } from '../../../src/evaluate/queue/resultStore.ts';
import { ContentError } from '../../../src/evaluate/store/content.ts';
import { type FileSource, openContentFolder } from '../../../src/evaluate/store/contentFolder.ts';
import { openFileCache } from '../../../src/evaluate/store/fileCache.ts';
import { computePiece, keyOfPiece, piecesOf } from '../../../src/evaluate/work.ts';
import type { ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { encodePng } from '../../../src/node/pictures/encodePng.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { setBackend } from '../../../src/tensor/kernels/backend.ts';
import { createFolder, network } from '../command.ts';

const test = suite('jobs by the files of a set');
const { at, file, modelFile, pictureFile } = createFolder();
const io = { warn() {} };
// For the suites that run after this one in the same process.
test.after(() => setBackend('wasm'));

const filled = (shape: readonly [number, number]): StoredTensor => {
  const values = new Float32Array(shape[0] * shape[1]).map((_, i) => Math.cos(i) / shape[0]);
  return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
};
const dense = (input: string, weights: string, output: string) => ({
  ...{ name: weights, op: 'Gemm', inputs: [input, weights], outputs: [output], attributes: {} },
});
/** Weights of 9 MB, which have a file of their own. */
const large: ModelData = {
  ...network,
  name: 'large',
  nodes: [
    ...network.nodes.slice(0, -1),
    ...[dense('flat', 'a', 'x'), dense('x', 'b', 'y'), dense('y', 'c', 'z/out:0')],
  ],
  tensors: new Map([
    ...network.tensors,
    ...([
      ['a', filled([5, 1500])],
      ['b', filled([1500, 1500])],
      ['c', filled([1500, 4])],
    ] as const),
  ]),
};

const flagsOf = (out: string, more: Partial<EvaluateFlags> = {}): EvaluateFlags => ({
  ...{ model: [modelFile('small.json')], method: ['gradcam'], metric: ['mass'], score: ['exp'] },
  ...{ sigma: [0.15], samples: [2], seed: 0, backend: 'reference', out: at(out) },
  ...more,
});

/** A set that was queued into a store; what its pieces are here; and jobs on a machine that has the store alone. */
async function queue(set: string, out: string, more: Partial<EvaluateFlags> = {}) {
  const flags = flagsOf(out, more);
  setBackend(flags.backend);
  const work = await openWork(set, flags, io);
  const files = openContentFolder(filesIn(flags.out));
  const { id, queued } = queuedSet(set, flags, { work, keep: files });
  assert.is(queuedSet(set, flags, { work, keep: keepNothing }).id, id);
  assert.not(JSON.stringify(queued).includes(at()));
  const asked: string[] = [];
  const source: FileSource = {
    shown: 'the store',
    open(sha256) {
      asked.push(sha256);
      return files.open(sha256);
    },
  };
  const compute = openJobs(openFileCache(at(`${out}-cache`), source));
  const job = (piece: number) => ({ set: id, key: keyOfPiece(work, piece) });
  return { work, files, asked, queued, job, compute };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Every piece here and there. */
async function checkAll({ work, compute, job }: Awaited<ReturnType<typeof queue>>): Promise<void> {
  for (let piece = 0; piece < piecesOf(work); piece++) {
    assert.is(text(await compute(job(piece))), text(await computePiece(work, piece)));
  }
}

function photographs(name: string): string {
  mkdirSync(at(name, 'dog'), { recursive: true });
  for (const each of ['a', 'b']) pictureFile(`${name}/dog/${each}.png`);
  const mask = new Uint8Array(256).map((_, i) => (i % 4 === 3 ? 255 : i < 40 ? 1 : 0));
  writeFileSync(at(name, 'dog/a.mask.png'), encodePng({ width: 8, height: 8, data: mask }));
  return at(name);
}

test('a folder: models with the files beside them, labels, preprocessing, pictures when they come', async () => {
  file('labels.txt', 'ant\ncrane\nother\ndog');
  file('how.json', '{"mean": [0, 0, 0], "std": [1, 1, 1]}');
  const model = [modelFile('small.json'), modelFile('large.json', large)];
  const queued = await queue(photographs('set'), 'folder', {
    ...{ model, labels: at('labels.txt'), preprocess: at('how.json') },
  });
  const { asked, compute, job } = queued;
  await compute(job(0));
  // The set, two models, the weights of one, labels, preprocessing, a list of pictures, a picture and its mask.
  assert.equal([asked.length, new Set(asked).size], [9, 9]);
  await compute(job(1));
  assert.is(asked.length, 9);
  await checkAll(queued);
  assert.is(asked.length, 10);
});

test('the originals are not read, nor need they be there', async () => {
  const queued = await queue(photographs('away'), 'gone');
  const wanted: string[] = [];
  for (let piece = 0; piece < 2; piece++) wanted.push(text(await computePiece(queued.work, piece)));
  rmSync(at('away'), { recursive: true });
  rmSync(at('small.json'));
  for (let piece = 0; piece < 2; piece++)
    assert.is(text(await queued.compute(queued.job(piece))), wanted[piece]);
});

test('coco and voc', async () => {
  mkdirSync(at('coco/annotations'), { recursive: true });
  mkdirSync(at('coco/val'), { recursive: true });
  pictureFile('coco/val/a.png');
  const of = (category_id: number, segmentation: unknown) => ({ image_id: 7, category_id, segmentation });
  const annotations = [
    of(1, [[0, 0, 4, 0, 4, 4, 0, 4]]),
    of(1, [[5, 5, 8, 5, 8, 8]]),
    of(2, { counts: [3, 20, 41], size: [8, 8] }),
  ];
  const categories = [
    { id: 1, name: 'dog' },
    { id: 2, name: 'ant' },
  ];
  const images = [{ id: 7, file_name: 'a.png' }];
  file('coco/annotations/instances_val.json', JSON.stringify({ images, categories, annotations }));
  await checkAll(await queue(`coco:${at('coco')}`, 'coco-out'));
  for (const name of ['JPEGImages', 'SegmentationObject', 'Annotations']) {
    mkdirSync(at('voc', name), { recursive: true });
  }
  pictureFile('voc/JPEGImages/one.jpg');
  const mask = new Uint8Array(256).map((_, i) => (i % 4 === 3 ? 255 : i % 4 === 0 && i < 80 ? 128 : 0));
  writeFileSync(at('voc/SegmentationObject/one.png'), encodePng({ width: 8, height: 8, data: mask }));
  file('voc/Annotations/one.xml', '<object><name>dog</name></object>');
  await checkAll(await queue(`voc:${at('voc')}`, 'voc-out'));
});

test('scenes and the bundled model need no file but the set', async () => {
  const { bundled } = await import('../../../src/node/ownPackage.ts');
  const queued = await queue('scenes:2', 'scenes', { model: [bundled.model] });
  assert.is(text(await queued.compute(queued.job(1))), text(await computePiece(queued.work, 1)));
  assert.is(queued.asked.length, 1);
});

test('what cannot be read here cannot be there, in the same words', async () => {
  const set = photographs('damaged');
  file('damaged/dog/broken.png', 'no picture');
  file('damaged/dog/empty.png', '');
  const { work, compute, job } = await queue(set, 'damaged-out');
  const wordsOf = async (made: () => Promise<unknown>) => {
    try {
      await made();
    } catch (error) {
      assert.instance(error, InputError);
      return (error as Error).message;
    }
    return 'none';
  };
  const names = ['dog/broken.png', 'dog/empty.png'];
  for (let piece = 0; piece < piecesOf(work); piece++) {
    if (!names.includes(work.set.nameOf(piece))) continue;
    const words = await wordsOf(() => compute(job(piece)));
    assert.is(words, await wordsOf(() => computePiece(work, piece)));
    assert.match(words, /^Cannot read dog\/(broken|empty)\.png: /);
  }
});

const ends = async (made: Promise<unknown>, kind: new (...args: never[]) => Error, words: RegExp) => {
  try {
    await made;
  } catch (error) {
    assert.instance(error, kind, String(error));
    assert.match((error as Error).message, words);
    return;
  }
  assert.unreachable(`${words} is not said`);
};

test('a picture that was changed is refused, and the others are not; a model that was ends the worker', async () => {
  const set = photographs('changing');
  const { compute, job, work } = await queue(set, 'changing-out');
  pictureFile('changing/dog/a.png');
  await ends(compute(job(0)), ContentError, /was it changed after it was queued/);
  assert.is(text(await compute(job(1))), text(await computePiece(work, 1)));
  const other = await queue(set, 'model-out', { model: [modelFile('changed.json')] });
  modelFile('changed.json', { ...network, name: 'changed' });
  await ends(other.compute(other.job(0)), WorkerEndError, /Cannot work on the set .* here: .*changed after/);
});

test('a set that is not in the store ends the worker, a piece that is not in the set is refused', async () => {
  const { compute, job } = await queue(photographs('lacking'), 'lacking-out');
  const { set, key } = job(0);
  await ends(compute({ set: key, key }), WorkerEndError, /the store does not have it/);
  await ends(compute({ set, key: set }), InputError, /has no such piece/);
  assert.ok(existsSync(at('lacking-out-cache')));
});

test.run();
