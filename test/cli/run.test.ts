import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assignInputs } from '../../src/cli/run/assignInputs.ts';
import { topClasses } from '../../src/cli/run/topClasses.ts';
import { preprocess } from '../../src/image/preprocess.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import { createModel } from '../../src/model/model.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import { decodeNpy, encodeNpy } from '../../src/tensor/npy.ts';
import { full, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { command, createFolder, network, plain, readJson } from './command.ts';

const test = suite('jetgrad run');
const { at, file, modelFile, pictureFile } = createFolder();
const model = modelFile('small.json');
const x = tensor(
  Float64Array.from({ length: 192 }, (_, i) => Math.sin(i)),
  [1, 3, 8, 8],
);
const input = file('x.npy', encodeNpy(x));

test('every output as .npy under a plain name, mapped by the manifest', async () => {
  const { code, stdout, stderr } = await command([
    'run',
    model,
    '--input',
    `image=${input}`,
    '--out',
    at('out'),
  ]);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(at('out')).sort(), ['manifest.json', 'z_out_0.npy']);
  const found = readJson<{ outputs: object; inputs: object; precision: string }>(at('out', 'manifest.json'));
  assert.equal(found.outputs, { 'z/out:0': 'z_out_0.npy' });
  assert.equal(found.inputs, { image: input });
  assert.is(found.precision, 'float32');
  const wanted = await createModel(network).run(x);
  const got = decodeNpy(readFileSync(at('out', 'z_out_0.npy')), 'z');
  assert.is(got.dtype, 'float32');
  same(got, wanted['z/out:0']);
  assert.match(stdout, /z_out_0\.npy {2}z\/out:0 \[1, 4\]/);
});

test('a file alone where there is one input, in float64', async () => {
  const run = ['run', model, '--input', input, '--precision', 'float64', '--out', at('wide')];
  assert.is((await command(run)).code, 0);
  const wanted = await createModel(network).run(x, { precision: 'float64' });
  same(decodeNpy(readFileSync(at('wide', 'z_out_0.npy')), 'z'), wanted['z/out:0']);
});

test('an output named like what all objects have keeps its shape', async () => {
  const odd = JSON.parse(readFileSync(model, 'utf8').replaceAll('z/out:0', '__proto__'));
  const path = file('odd.json', JSON.stringify(odd));
  assert.is((await command(['run', path, '--input', input, '--out', at('odd')])).code, 0);
  const { shapes } = readJson<{ shapes: object }>(at('odd', 'manifest.json'));
  assert.equal(Object.entries(shapes), [['__proto__', [1, 4]]]);
});

test('inputs by name, also behind the model', async () => {
  const inputs = [{ name: 'a' }, { name: 'b=c' }];
  assert.equal(
    [...assignInputs(['b=c=2.npy', 'a=x=1.npy'], inputs)],
    [
      ['b=c', '2.npy'],
      ['a', 'x=1.npy'],
    ],
  );
  assert.equal([...assignInputs(['dir=x/1.npy'], [{ name: 'dir' }])], [['dir', 'x/1.npy']]);
  assert.equal([...assignInputs(['/tmp/a=b.npy'], [{ name: 'q' }])], [['q', '/tmp/a=b.npy']]);
  assert.throws(() => assignInputs(['1.npy', 'a=2.npy'], inputs), /give NAME=FILE, NAME one of a, b=c/);
  assert.throws(() => assignInputs(['a=1.npy'], inputs), /no file for b=c/);
  const two = {
    ...network,
    inputs: [...network.inputs, { name: 'v', shape: [5, 4], dtype: 'float32' as const }],
    tensors: new Map([...network.tensors].filter(([name]) => name !== 'v')),
  };
  const v = file('v.npy', encodeNpy(tensor(new Array(20).fill(1), [5, 4])));
  const path = modelFile('two.json', two);
  const { code, stderr } = await command([
    'run',
    path,
    '--input',
    `image=${input}`,
    `v=${v}`,
    '--out',
    at('two'),
  ]);
  assert.is(code, 0, stderr);
});

test('a picture is prepared as explain does, and the classes come most probable first', async () => {
  const picture = pictureFile('photo.png', 12, 9);
  const { code, stdout, stderr } = await command(['run', model, picture, '--out', at('photo')]);
  assert.is(code, 0, stderr);
  const prepared = preprocessFor(createModel(network), await loadPicture(picture)).input;
  const { 'z/out:0': z } = await createModel(network).run(prepared);
  same(decodeNpy(readFileSync(at('photo', 'z_out_0.npy')), 'z'), z);
  const lines = stdout.split('\n').slice(0, 4);
  const order = Array.from(z.data.keys()).sort((a, b) => z.data[b] - z.data[a]);
  assert.equal(
    lines.map((line) => Number(line.trim().split(/\s+/)[2])),
    order,
  );
  assert.match(stdout, / %\s+3 {2}dog$/m);
});

test('a model that does not say how pictures are prepared is guessed about, once and aloud', async () => {
  const [{ name, shape = [], dtype }] = network.inputs;
  const mute = modelFile('mute.json', { ...network, inputs: [{ name, shape, dtype }] });
  const run = ['run', mute, pictureFile('one.png'), '--out', at('mute')];
  assert.match(
    (await command(run)).stderr,
    /^warning: small does not say .*imagenet is assumed; give --preprocess\n$/,
  );
  assert.is((await command([...run, '--preprocess', 'unit'])).stderr, '');
});

test('preprocessing by flags takes the place of single fields', async () => {
  const picture = pictureFile('flags.png', 20, 12);
  const flags = ['--mean', '0.1,0.2,0.3', '--std', '0.5', '--resize', '10x9', '--filter', 'bicubic'];
  const run = ['run', model, picture, '--out', at('flags'), ...flags];
  const { code, stderr } = await command(run);
  assert.is(code, 0, stderr);
  const preprocessing = {
    ...plain,
    ...{
      mean: [0.1, 0.2, 0.3],
      std: [0.5, 0.5, 0.5],
      resize: { width: 9, height: 10 },
      filter: 'bicubic' as const,
    },
  };
  const { input } = preprocess(await loadPicture(picture), preprocessing, {
    channels: 3,
    height: 8,
    width: 8,
  });
  const { 'z/out:0': z } = await createModel(network).run(input);
  same(decodeNpy(readFileSync(at('flags', 'z_out_0.npy')), 'z'), z);
  for (const [wrong, says] of [
    [['--mean', '1,x'], /--mean 1,x: it must be numbers/],
    [['--mean', '1,2'], /preprocessing of --mean: mean must be a list of 3 numbers/],
    [['--crop', '8,8'], /--crop 8,8: it must be pixels, such as 224, or HEIGHTxWIDTH/],
    [['--filter', 'cubic'], /must be bilinear, bicubic or nearest/],
  ] as const) {
    const refused = await command(['run', model, picture, '--out', at('no'), ...wrong]);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, says);
  }
});

test('outputs that are no classes are not ranked', () => {
  const ranked = (shape: number[]) =>
    topClasses(createModel(network), { 'z/out:0': full(shape, 0.5) }).length;
  assert.equal(
    [ranked([1, 4]), ranked([1, 4, 1, 1]), ranked([2, 2]), ranked([1, 5]), ranked([1])],
    [4, 4, 0, 0, 0],
  );
});

test.run();
