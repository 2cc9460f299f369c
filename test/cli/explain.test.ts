import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { StoredTensor } from '../../src/model/data/format.ts';
import { createModel } from '../../src/model/model.ts';
import { decodePicture } from '../../src/node/pictures/decodePicture.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import { decodeNpy } from '../../src/tensor/npy.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { command, createFolder, network, readJson } from './command.ts';

const test = suite('jetgrad explain');
const { at, modelFile, pictureFile } = createFolder();
const model = modelFile('small.json');
const picture = pictureFile('one.png');
const wide = pictureFile('wide.png', 12, 8);

const base = ['explain', picture, '--model', model, '--samples', '3'];
const files = (name: string) => readdirSync(at(name)).sort();
const npy = (...parts: string[]): Tensor => decodeNpy(readFileSync(at(...parts)), parts.join('/'));

interface Entry {
  readonly image: string;
  readonly classIndex: number;
  readonly layer: string;
  readonly top: readonly { classIndex: number; label: string; probability: number }[];
  readonly choices: Record<string, unknown>;
  readonly methods: Record<
    string,
    {
      logScale: number;
      equals?: { method: string; reason: string };
      counts?: Record<string, number>;
      pruned?: { merged: number[]; bounds: number[] };
    }
  >;
  readonly noise?: { samples: unknown[]; effectiveSampleSize: number };
  readonly warnings: readonly string[];
  readonly preprocessing: Record<string, unknown>;
  readonly receptiveFields: readonly unknown[];
  readonly files: readonly string[];
  readonly seconds: number;
}

const manifest = (name: string) =>
  readJson<{ model: { file: string }; images: Entry[]; warnings: string[] }>(at(name, 'manifest.json'));

/** The small network with two hidden layers and forty classes, whose logits fall by some 0.9 each. */
function fortyClasses(): string {
  const { labels: _, ...rest } = network;
  const nodes = network.nodes
    .filter(({ op }) => op !== 'GlobalAveragePool')
    .flatMap((node) => {
      if (node.op === 'Flatten') return [{ ...node, inputs: ['active'] }];
      if (node.op !== 'Gemm') return [node];
      return [
        { name: 'first', op: 'MatMul', inputs: ['flat', 'u1'], outputs: ['sums1'], attributes: {} },
        { name: 'unit1', op: 'Relu', inputs: ['sums1'], outputs: ['hidden1'], attributes: {} },
        { name: 'second', op: 'MatMul', inputs: ['hidden1', 'u2'], outputs: ['sums2'], attributes: {} },
        { name: 'unit2', op: 'Relu', inputs: ['sums2'], outputs: ['hidden2'], attributes: {} },
        { ...node, inputs: ['hidden2', 'v', 'shift'] },
      ];
    });
  const waves = (length: number) => Float32Array.from({ length }, (_, i) => 0.1 * Math.sin(3 * i));
  const shift = Float32Array.from({ length: 40 }, (_, c) => -0.9 * c);
  const stored = (values: Float32Array, shape: number[]): StoredTensor => {
    return { dtype: 'float32', shape, bytes: new Uint8Array(values.buffer) };
  };
  const tensors = new Map([
    ...network.tensors,
    ['u1', stored(waves(320 * 64), [320, 64])],
    ['u2', stored(waves(64 * 64), [64, 64])],
    ['v', stored(waves(64 * 40), [64, 40])],
    ['shift', stored(shift, [40])],
  ]);
  const outputs = [{ name: 'z/out:0', shape: ['N', 40], dtype: 'float32' as const }];
  return modelFile('forty.json', { ...rest, nodes, tensors, outputs });
}

test('what --prune merged is in the manifest, with bounds that hold for the derivatives written', async () => {
  const methods = ['gradcam++', 'smoothgradcam++'];
  const flags = ['--model', fortyClasses(), '--method', methods.join(), '--score', 'prob', '--format', 'npy'];
  const run = ['explain', picture, ...flags, '--samples', '3'];
  assert.is((await command([...run, '--out', at('whole')])).code, 0);
  const { code, stderr } = await command([...run, '--prune', '1e-3', '--out', at('merged')]);
  assert.is(code, 0, stderr);
  for (const [i, method] of methods.entries()) {
    const of = (name: string) => manifest(name).images[0].methods[method].pruned;
    assert.is(of('whole'), undefined);
    const { merged, bounds } = of('merged') as NonNullable<Entry['methods'][string]['pruned']>;
    assert.is(merged.length, [1, 3][i]);
    assert.ok(merged.every((count) => count > 0 && count < 40));
    assert.is(bounds.length, 3);
    for (const [r, bound] of bounds.entries()) {
      const [exact, found] = ['whole', 'merged'].map((name) => npy(name, `one.${method}.d${r + 1}.npy`).data);
      const largest = exact.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
      const error = exact.reduce((most, d, at) => Math.max(most, Math.abs(d - found[at])), 0);
      assert.ok(error <= bound + 1e-12 * largest, `D${r + 1} of ${method}: ${error}, at most ${bound}`);
      assert.ok(bound <= 1e-3 * largest, `D${r + 1} of ${method}: ${bound} of ${largest}`);
    }
    assert.is(bounds[0], 0);
    assert.ok(bounds[2] > 0);
  }
});

test('overlays, a panel and the manifest; top classes and choices on stdout', async () => {
  const { code, stdout, stderr } = await command([...base, '--out', at('plain')]);
  assert.is(code, 0, stderr);
  assert.equal(files('plain'), [
    'manifest.json',
    'one.gradcam++.png',
    'one.gradcam.png',
    'one.panel.png',
    'one.smoothgrad.png',
    'one.smoothgradcam++.png',
  ]);
  const [entry] = manifest('plain').images;
  assert.is(entry.image, picture);
  assert.is(entry.layer, 'active');
  assert.is(entry.top.length, 4);
  assert.is(entry.classIndex, entry.top[0].classIndex);
  assert.is(entry.choices.score, 'exp');
  assert.is(entry.choices.samples, 3);
  // Behind the layer there is an average pool: noise changes nothing, and the manifest says why.
  assert.is(entry.noise, undefined);
  assert.is(entry.methods['smoothgradcam++'].equals?.method, 'gradcam++');
  assert.match(
    stderr,
    /smoothgradcam\+\+ map is that of gradcam\+\+ here, whatever the noise, because .*--score prob/,
  );
  assert.is(entry.preprocessing.name, 'model');
  assert.is(entry.methods['gradcam++'].logScale, 0);
  assert.ok('dead' in (entry.methods['gradcam++'].counts ?? {}));
  assert.ok(entry.seconds >= 0);
  for (const line of [/layer +active \[5, 8, 8\]/, /σ 0\.15, n 3, seed 0/, /score +exp/, /predicted/]) {
    assert.match(stdout, line);
  }
  const drawn = decodePicture(readFileSync(at('plain', 'one.gradcam.png')), 'overlay');
  assert.equal([drawn.width, drawn.height], [8, 8]);
});

test('arrays are those of the library, as npy and as JSON', async () => {
  const flags = ['--format', 'npy,json', '--class', 'n00000004', '--seed', '5', '--score', 'prob'];
  const { code, stderr } = await command([...base, ...flags, '--out', at('arrays')]);
  assert.is(code, 0, stderr);
  const small = createModel(network);
  const { input } = preprocessFor(small, await loadPicture(picture));
  const { maps, evidence } = await explain(small, input, { class: 3, seed: 5, score: 'prob', samples: 3 });
  const noisy = evidence['smoothgradcam++'];
  assert.ok(noisy);
  const { activation, d1, d2, d3 } = noisy;
  const wanted = { map: maps['smoothgradcam++']?.raw, a: activation, d1, d2, d3 };
  for (const [name, array] of Object.entries(wanted)) {
    same(npy('arrays', `one.c3.smoothgradcam++.${name}.npy`), array as Tensor, name);
    const json = readJson<{ shape: number[]; data: number[] }>(
      at('arrays', `one.c3.smoothgradcam++.${name}.json`),
    );
    same(fromData(Float64Array.from(json.data), json.shape), array as Tensor, `${name} as JSON`);
  }
  same(npy('arrays', 'one.c3.smoothgradcam++.weights.npy').data, maps['smoothgradcam++']?.weights ?? []);
  same(npy('arrays', 'one.c3.smoothgrad.map.npy'), maps.smoothgrad?.raw as Tensor);
  assert.not(files('arrays').some((name) => name.endsWith('.png')));
  assert.equal(manifest('arrays').images[0].files.length + 1, files('arrays').length);
});

test('σ = 0 equals Grad-CAM++ to the byte, and the same seed gives the same files', async () => {
  const bytes = (folder: string, name: string) => readFileSync(at(folder, name)).toString('base64');
  const flags = ['--format', 'npy,png', '--out'];
  await command([...base, '--sigma', '0', ...flags, at('still')]);
  for (const array of ['map', 'weights', 'd1', 'd2', 'd3']) {
    const [smooth, sharp] = ['smoothgradcam++', 'gradcam++'].map((m) =>
      bytes('still', `one.${m}.${array}.npy`),
    );
    assert.is(smooth, sharp, array);
  }
  assert.is(manifest('still').images[0].choices.samples, 1);
  await command([...base, '--seed', '3', ...flags, at('seed1')]);
  await command([...base, '--seed', '3', ...flags, at('seed2')]);
  for (const name of files('seed1').filter((each) => each !== 'manifest.json')) {
    assert.is(bytes('seed1', name), bytes('seed2', name), name);
  }
});

test('several classes carry their index in the names; several pictures their own', async () => {
  const flags = ['--class', 'dog,EMMET', '--class', '3', '--method', 'gradcam'];
  const { code, stdout, stderr } = await command([...base, wide, ...flags, '--out', at('several')]);
  assert.is(code, 0, stderr);
  assert.equal(files('several'), [
    'manifest.json',
    ...['one', 'wide'].flatMap((name) =>
      ['c0', 'c3'].flatMap((c) => [`${name}.${c}.gradcam.png`, `${name}.${c}.panel.png`]),
    ),
  ]);
  assert.equal(
    manifest('several').images.map(({ classIndex }) => classIndex),
    [3, 0, 3, 0],
  );
  assert.match(stdout, /class +0 ant, emmet \(/);
  assert.equal(manifest('several').images[2].preprocessing.seen, { x: 2, y: 0, width: 8, height: 8 });
});

test('one class against another: both in the names, the manifest, the caption and what is printed', async () => {
  const flags = ['--class', 'dog-EMMET', '--method', 'gradcam,gradcam++', '--format', 'svg,npy'];
  const { code, stdout, stderr } = await command([...base, ...flags, '--out', at('against')]);
  assert.is(code, 0, stderr);
  for (const file of ['one.c3-0.panel.svg', 'one.c3-0.gradcam++.d2.npy'])
    assert.ok(files('against').includes(file), file);
  const [entry] = readJson<{ images: { classIndex: number; against: { label: string } }[] }>(
    at('against', 'manifest.json'),
  ).images;
  assert.is(entry.classIndex, 3);
  assert.is(entry.against.label, 'n00000001 ant, emmet');
  assert.match(stdout, /class +3 dog \(.*\n +against +0 ant, emmet \(/);
  const svg = readFileSync(at('against', 'one.c3-0.panel.svg'), 'utf8');
  for (const text of ['3 dog against 0 ant, emmet', 'score z₃ − z₀', 'score exp(z₃ − z₀)', ', rank '])
    assert.ok(svg.includes(text), text);
  const { code: wrong, stderr: why } = await command([...base, '--class', 'dog-crane', '--out', at('none')]);
  assert.is(wrong, 2);
  assert.match(why, /give indices: 2 pairs match: 3 dog against 1 crane; 3 dog against 2 crane, machine/);
});

test("top:2 explains each picture's two most probable classes", async () => {
  const flags = ['--class', 'top:2', '--method', 'gradcam'];
  const { code, stderr } = await command([...base, wide, ...flags, '--out', at('best')]);
  assert.is(code, 0, stderr);
  const { images } = manifest('best');
  assert.equal(
    images.map(({ classIndex }) => classIndex),
    [0, 2].flatMap((i) => images[i].top.slice(0, 2).map(({ classIndex }) => classIndex)),
  );
  assert.ok(files('best').includes(`one.c${images[1].classIndex}.gradcam.png`));
});

test('a folder stands for its pictures, and what is written is one line', async () => {
  const photos = createFolder();
  const [b, a] = ['b.PNG', 'a.png'].map((name) => photos.pictureFile(name));
  photos.file('notes.txt', 'none');
  const run = ['explain', photos.at(), '--model', model, '--method', 'gradcam', '--out'];
  const { code, stdout, stderr } = await command([...run, at('folder')]);
  assert.is(code, 0, stderr);
  assert.equal(
    manifest('folder').images.map(({ image }) => image),
    [a, b],
  );
  assert.is(stdout.match(/written/g)?.length, 1);
  assert.ok(stdout.includes(`4 files and manifest.json in ${at('folder')}\n`));
  assert.match((await command([...run, photos.at()])).stderr, /among the pictures; choose another --out/);
  const none = createFolder();
  const empty = await command(['explain', none.at(), '--out', at('no')]);
  assert.match(empty.stderr, /there is no \.png, \.jpg or \.jpeg in the folder/);
});

test('- is the standard input', () => {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const run = ['explain', '-', '--model', model, '--method', 'gradcam', '--out', at('piped')];
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...run], {
    input: readFileSync(picture),
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  assert.equal(files('piped'), ['manifest.json', 'stdin.gradcam.png', 'stdin.panel.png']);
  assert.is(manifest('piped').images[0].image, 'stdin');
});

test('layers from the end, and names that are near', async () => {
  const flags = ['--method', 'gradcam', '--out'];
  const layer = async (name: string) => command([...base, '--layer', name, ...flags, at('layers')]);
  assert.is((await layer('-1')).code, 0);
  assert.is(manifest('layers').images[0].layer, 'active');
  assert.is((await layer('-2')).code, 0);
  assert.is(manifest('layers').images[0].layer, 'features');
  assert.match((await layer('-3')).stderr, /it has 2 feature maps that every path crosses, -1 … -2/);
  assert.match((await layer('eature')).stderr, /did you mean "features"\?/);
});

test('selections: maps, regions, and neurons with their receptive field outlined', async () => {
  const chosen = ['--method', 'gradcam', '--layer', 'act'];
  const neuron = ['--neuron', '0:4,4', '--neuron', '1:4,4', '--region', '2,2,8,8'];
  const { code, stdout, stderr } = await command([...base, ...chosen, ...neuron, '--out', at('neuron')]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /selection +neurons 0:4,4 1:4,4, region 2,2,8,8/);
  assert.equal(manifest('neuron').images[0].receptiveFields, [{ y0: 3, x0: 3, y1: 6, x1: 6 }]);
  await command([...base, ...chosen, '--maps', 'top:2', '--layer', '1', '--out', at('top')]);
  const pictures = ['neuron', 'top'].map((name) => readFileSync(at(name, 'one.gradcam.png')).toString('hex'));
  assert.is.not(pictures[0], pictures[1]);
});

test('an empty map says why, and --quiet says nothing', async () => {
  const flags = ['--method', 'gradcam', '--neuron', '0:0,0', '--region', '4,4,5,5', '--out', at('empty')];
  const loud = await command([...base, ...flags]);
  assert.is(loud.code, 0);
  assert.match(loud.stderr, /warning: .*one\.png: The gradcam map is all zero because .*; try /);
  const quiet = await command([...base, ...flags, '--quiet']);
  assert.is(quiet.stderr, '');
  assert.match(quiet.stdout, /written/);
  assert.match(manifest('empty').images[0].warnings[0], /all zero/);
});

test('preprocessing that nobody gave is assumed with one warning', async () => {
  const [input] = network.inputs;
  const bare = { ...network, inputs: [{ name: input.name, shape: [1, 3, 8, 8], dtype: input.dtype }] };
  const path = modelFile('bare.onnx', { ...bare, labels: ['a', 'b', 'c', 'd'] });
  const run = ['explain', picture, wide, '--model', path, '--method', 'gradcam', '--out', at('bare')];
  const { code, stderr } = await command(run);
  assert.is(code, 0, stderr);
  assert.is(stderr.match(/imagenet is assumed; give --preprocess/g)?.length, 1);
  assert.is(manifest('bare').images[0].preprocessing.name, 'imagenet');
  assert.is(manifest('bare').warnings.length, 1);
  const given = await command([...run, '--preprocess', 'unit']);
  assert.is(given.stderr, '');
  assert.is(manifest('bare').images[0].preprocessing.name, 'unit');
});

test('without --model the bundled one', async () => {
  const sample = new URL('../../weights/sample.png', import.meta.url).pathname;
  const { code, stdout, stderr } = await command([
    'explain',
    sample,
    '--method',
    'gradcam',
    '--out',
    at('own'),
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /prepared as model/);
});

test.run();
