import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assignInputs } from '../../src/cli/run/assignInputs.ts';
import { createModel } from '../../src/model/model.ts';
import { decodeNpy, encodeNpy } from '../../src/tensor/npy.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { command, createFolder, network, readJson } from './command.ts';

const test = suite('jetgrad run');
const { at, file, modelFile } = createFolder();
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
  assert.throws(() => assignInputs(['1.npy', 'a=2.npy'], inputs), /give NAME=FILE\.npy, NAME one of a, b=c/);
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

test.run();
