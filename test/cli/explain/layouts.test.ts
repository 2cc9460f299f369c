import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeNpy } from '../../../src/tensor/npy.ts';
import { transformer } from '../../support/tokenModels.ts';
import { command, createFolder, plain, readJson } from '../command.ts';

const test = suite('layouts of explain');
const { at, modelFile, pictureFile } = createFolder();
const data = transformer({ reads: 'token' });
const [image] = data.inputs;
const preprocessing = { ...plain, resize: { width: 8, height: 6 }, crop: [6, 8] as const };
const model = modelFile('tokens.json', { ...data, inputs: [{ ...image, preprocessing }] });
const picture = pictureFile('one.png');
const base = ['explain', picture, '--model', model];

interface Entry {
  readonly layer: string;
  readonly layout: string;
  readonly grid: readonly number[];
  readonly prefix: number;
  readonly methods: Readonly<Record<string, { shape: readonly number[] }>>;
}

test('on a signed layer Grad-CAM alone is drawn unless methods are named, and the command says why', async () => {
  const { code, stdout, stderr } = await command([...base, '--out', at('tokens'), '--format', 'npy']);
  assert.is(code, 0, stderr);
  assert.match(stderr, /block2\.norm1 has values on either side of 0.*Grad-CAM alone is drawn; --method all/);
  assert.match(stdout, /layer +block2\.norm1 \[4, 3, 4\] of NTC 3×4 behind 1/);
  const [entry] = readJson<{ images: Entry[] }>(at('tokens', 'manifest.json')).images;
  assert.equal(
    { layer: entry.layer, layout: entry.layout, grid: entry.grid, prefix: entry.prefix },
    { layer: 'block2.norm1', layout: 'NTC', grid: [3, 4], prefix: 1 },
  );
  assert.equal(Object.keys(entry.methods), ['gradcam']);
  const shapeOf = (name: string) => [
    ...decodeNpy(readFileSync(at('tokens', `one.gradcam.${name}.npy`)), name).shape,
  ];
  assert.equal(['a', 'd1', 'd3', 'map'].map(shapeOf), [
    [4, 3, 4],
    [4, 3, 4],
    [4, 3, 4],
    [3, 4],
  ]);
});

test('methods that are named are drawn on it, with selections in cells of the grid', async () => {
  const select = ['--neuron', '2:1,3', '--region', '1,0,3,4'];
  const { code, stderr } = await command([
    ...base,
    '--method',
    'all',
    '--samples',
    '2',
    ...select,
    '--out',
    at('all'),
  ]);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, /either side of 0/);
  assert.is(readdirSync(at('all')).filter((name) => name.endsWith('.png')).length, 5);
  const outside = await command([...base, '--region', '0,0,4,4', '--out', at('none')]);
  assert.is(outside.code, 2);
  assert.match(outside.stderr, /0 ≤ y0 < y1 ≤ 3/);
});

test('what the flags say of a layout is checked', async () => {
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await command([...base, ...flags, '--out', at('refused')]);
    assert.is(code, 2, stderr);
    return stderr;
  };
  assert.match(await refused('--layer', 'norm'), /only the class token of this layer is read/);
  assert.match(
    await refused('--layer', 'block2.scores'),
    /\[1, 13, 13\] mean is not known.*--grid 3x3 --prefix 4/,
  );
  assert.match(await refused('--layout', 'NTC'), /give the rows and columns of its tokens/);
  assert.match(await refused('--grid', '3x4'), /it is of tokens; give --layout NTC/);
  assert.match(await refused('--layout', 'NTC', '--grid', '3'), /ROWSxCOLUMNS/);
  assert.match(
    await refused('--layout', 'NTC', '--grid', '4x4'),
    /\[N, 16, C\] is wanted, it gives \[1, 13, 4\]/,
  );
  assert.match(await refused('--layout', 'NCWH'), /must be NCHW, NHWC or NTC/);
});

test('a layout that is said is taken', async () => {
  const said = ['--layer', 'block1', '--layout', 'NTC', '--grid', '2x6', '--prefix', '1'];
  const { code, stderr } = await command([...base, ...said, '--method', 'gradcam', '--out', at('said')]);
  assert.is(code, 0, stderr);
  const [entry] = readJson<{ images: Entry[] }>(at('said', 'manifest.json')).images;
  assert.equal(entry.grid, [2, 6]);
  assert.equal(entry.methods.gradcam.shape, [2, 6]);
});

test.run();
