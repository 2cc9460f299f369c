import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scoreFor } from '../../../src/cam/scores/scoreFor.ts';
import { explainClasses } from '../../../src/core.ts';
import { encodePng } from '../../../src/node/pictures/encodePng.ts';
import { loadModel, loadPicture, preprocessFor, saveExplanation } from '../../../src/node.ts';
import { data, withData } from '../../support/check.ts';
import { command, createFolder, readJson } from '../command.ts';

const test = suite('scores by name and as expressions');

const page = (name: string) => fileURLToPath(new URL(`../../../docs/networks/${name}`, import.meta.url));
const folder = createFolder();
const shapes = page('shapes.png');
const segment = ['--model', page('segmenter.onnx'), '--preprocess', 'unit', '--draw', 'overlay'];

interface Manifest {
  readonly images: readonly {
    readonly label: string;
    readonly picked?: { readonly pixels?: number; readonly box?: readonly number[] };
  }[];
}

let runs = 0;
async function explained(...argv: readonly string[]): Promise<Manifest['images']> {
  const out = folder.at(`out${++runs}`);
  const { code, stderr } = await command(['explain', ...argv, '--out', out]);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, 'not read');
  return readJson<Manifest>(`${out}/manifest.json`).images;
}

async function refused(...argv: readonly string[]): Promise<string> {
  const { code, stderr } = await command(['explain', ...argv, '--out', folder.at('none')]);
  assert.is(code, 2, stderr);
  return stderr;
}

test('pixels:C is of the class named, by the pixels that it has', async () => {
  const [image] = await explained(shapes, ...segment, '--score', 'pixels:disc', '--method', 'gradcam');
  assert.is(image.label, 'disc');
  assert.ok(Number(image.picked?.pixels) > 100);
});

test('saveExplanation draws what the command draws, what is asked about among it', async () => {
  const asked = ['--score', 'pixels:disc', '--method', 'gradcam', '--format', 'png,npy'];
  await explained(shapes, ...segment, ...asked);
  const wanted = folder.at(`out${runs}`);
  const model = await loadModel(page('segmenter.onnx'));
  const { input } = preprocessFor(model, await loadPicture(shapes), 'unit');
  const score = await scoreFor(model, input, 'pixels:disc');
  const [found] = await explainClasses(model, input, { ...score, methods: ['gradcam'], classes: ['disc'] });
  const out = folder.at('saved');
  const options = { model, image: shapes, preprocessing: 'unit', draw: ['overlay'] } as const;
  await saveExplanation(out, found, { ...options, format: ['png', 'npy'] });
  for (const name of ['shapes.c1.gradcam.png', 'shapes.c1.gradcam.map.npy']) {
    assert.ok(readFileSync(join(out, name)).equals(readFileSync(join(wanted, name))), name);
  }
  const { data: bytes } = await loadPicture(join(out, 'shapes.c1.gradcam.png'));
  const isGreen = (i: number) => bytes[i + 1] > bytes[i] + 40 && bytes[i + 1] > bytes[i + 2] + 60;
  const count = Array.from({ length: bytes.length / 4 }, (_, i) => Number(isGreen(4 * i)));
  assert.ok(count.reduce((a, b) => a + b) > 30);
});

test('a segmentation is known by its labels: --class alone asks for pixels', async () => {
  const images = await explained(shapes, ...segment, '--class', 'disc,square', '--method', 'gradcam');
  assert.equal(
    images.map(({ label }) => label),
    ['disc', 'square'],
  );
});

test('--mask names the pixels', async () => {
  const white = new Uint8Array(4 * 64 * 64).fill(255);
  for (let i = 0; i < 32 * 64; i++) white.set([0, 0, 0, 255], 4 * i);
  const mask = folder.file('mask.png', encodePng({ width: 64, height: 64, data: white }));
  const asked = ['--score', 'pixels:disc', '--mask', mask, '--method', 'gradcam'];
  const [image] = await explained(shapes, ...segment, ...asked);
  assert.is(image.picked?.pixels, 32 * 64);
});

test('an expression over outputs is of no class', async () => {
  const asked = ['--score', 'sum(classes[0, 1]) - sum(classes[0, 2])'];
  const [image] = await explained(shapes, ...segment, ...asked);
  assert.is(image.label, asked[1]);
});

for (const [argv, wanted] of [
  [['--score', 'pixels:dics'], /did you mean "disc"/],
  [['--score', 'pixels:disc', '--class', 'square'], /--class beside --score/],
  [['--score', 'pixels:disc', '--box', '3,4'], /pixels are in no boxes/],
  [['--score', 'class:disc'], /Cannot tell boxes/],
  [['--score', 'sum(classes[0, 7])'], /7/],
  [['--score', 'sum(classes[0, 1]'], /\)/],
  [['--score', 'classes[0, 1]'], /one number is wanted/],
  [['--score', 'sum(clases)'], /there is no tensor clases/],
  [['--score', 'pixels:disc', '--mask', 'nowhere.png'], /nowhere\.png/],
] as const) {
  test(`${argv.join(' ')} is refused`, async () => {
    assert.match(await refused(shapes, ...segment, ...argv), wanted);
  });
}

withData(
  test,
  'models/fastestdet.onnx',
  'class:C is of its best box, --box of the one there',
  async (path) => {
    const street = data('images/street.jpg');
    const bgr = folder.file('bgr.json', JSON.stringify({ channels: 'BGR', scale: 1 / 255 }));
    const detect = ['--model', path, '--labels', data('labels/coco-80.txt'), '--preprocess', bgr];
    const quick = [...detect, '--method', 'gradcam', '--draw', 'overlay'];
    const [best] = await explained(street, ...quick, '--score', 'class:person');
    assert.is(best.label, 'person');
    const box = best.picked?.box ?? [];
    assert.is(box.length, 4);
    assert.ok(box[0] < box[2] && box[1] < box[3]);
    const [other] = await explained(street, ...quick, '--class', 'person', '--box', '1,1');
    assert.not.equal(other.picked?.box, box);
  },
);

test.run();
