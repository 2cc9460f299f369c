import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeNpy, encodeNpy } from '../../src/tensor/npy.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { close, fixture } from '../support/check.ts';
import { command, createFolder, network, readJson } from './command.ts';

const test = suite('jetgrad diagonal');
const { at, file, modelFile, pictureFile } = createFolder();

interface Golden {
  readonly input: { readonly shape: number[]; readonly data: number[] };
  readonly activation: { readonly shape: number[]; readonly data: number[]; readonly tensor: string };
  readonly logits: number[];
  readonly cases: readonly {
    readonly score: string;
    readonly classIndex: number;
    readonly y: number;
    readonly d1: number[];
    readonly d2: number[];
    readonly d3: number[];
  }[];
}

interface Manifest {
  readonly y: number;
  readonly logits: number[];
  readonly classIndex: number;
  readonly plan: string;
  readonly plans: readonly { name: string }[];
  readonly kinks: object;
  readonly logScale: number;
  readonly certificate: { identicallyZero: number[] };
  readonly seconds: number;
}

const golden = readJson<Golden>(fixture('goldens/vgg.json'));
const model = fixture('goldens/vgg.onnx');
const { shape, data } = golden.input;
const input = file('x.npy', encodeNpy(tensor(data, shape)));
const flat = file('flat.npy', encodeNpy(tensor(data, shape.slice(1))));
const base = ['diagonal', model, '--layer', golden.activation.tensor];
const array = (out: string, name: string) => decodeNpy(readFileSync(at(out, `${name}.npy`)), name);

for (const [i, each] of golden.cases.entries()) {
  test(`${each.score} of class ${each.classIndex} as PyTorch has it`, async () => {
    const flags = ['--class', String(each.classIndex), '--score', each.score, '--out', at(`case${i}`)];
    const { code, stderr } = await command([...base, '--input', input, ...flags]);
    assert.is(code, 0, stderr);
    const found = readJson<Manifest>(at(`case${i}`, 'manifest.json'));
    close(found.y * Math.exp(found.logScale), each.y, { relative: 1e-10 }, 'y');
    close(found.logits, golden.logits, { relative: 1e-10 }, 'logits');
    assert.is(found.classIndex, each.classIndex);
    assert.is(found.plan, 'linear-prefix');
    assert.ok(found.plans.some(({ name }) => name === 'jets'));
    assert.equal(found.certificate.identicallyZero, each.score === 'logit' ? [2, 3] : []);
    const a = array(`case${i}`, 'a');
    assert.equal(a.shape, golden.activation.shape.slice(-3));
    assert.is(a.dtype, 'float64');
    close(a.data, golden.activation.data, { relative: 1e-10 }, 'a');
    for (const name of ['d1', 'd2', 'd3'] as const) {
      close(array(`case${i}`, name).data, each[name], { relative: 1e-10 }, name);
    }
  });
}

test('one class against another: the slopes of the one less those of the other', async () => {
  const run = async (name: string, wanted: string) => {
    const argv = [...base, '--input', input, '--score', 'logit', '--class', wanted, '--out', at(name)];
    const { code, stderr, stdout } = await command(argv);
    assert.is(code, 0, stderr);
    return { d1: array(name, 'd1').data, stdout };
  };
  const [both, one, other] = [await run('both', '2-0'), await run('one', '2'), await run('other', '0')];
  close(
    both.d1,
    Array.from(one.d1, (value, i) => value - other.d1[i]),
    { relative: 1e-12 },
    'd1',
  );
  assert.match(both.stdout, /class +2 against 0/);
  assert.is(readJson<{ against: number }>(at('both', 'manifest.json')).against, 0);
});

test('the predicted class unless given, an input without its batch, only the orders asked for', async () => {
  const flags = ['--order', '2', '--plan', 'jets', '--out', at('two')];
  const { code, stdout, stderr } = await command([...base, '--input', flat, ...flags]);
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(at('two')).sort(), ['a.npy', 'd1.npy', 'd2.npy', 'manifest.json']);
  const found = readJson<Manifest>(at('two', 'manifest.json'));
  assert.is(found.classIndex, golden.logits.indexOf(Math.max(...golden.logits)));
  assert.is(found.plan, 'jets');
  assert.match(stdout, /plan +jets: one jet of order 2/);
});

test('the plans are listed without writing', async () => {
  const { code, stdout } = await command([...base, '--input', input, '--plan', 'list', '--out', at('none')]);
  assert.is(code, 0);
  assert.match(
    stdout,
    /^→ linear-prefix: .* multiply-adds, (under a second|about .*) on this machine, up to .*B; /m,
  );
  assert.match(stdout, /^ {2}jets: /m);
  assert.not(readdirSync(at()).includes('none'));
});

test('what may be pruned, and what memory there is, are in the manifest', async () => {
  const flags = ['--score', 'prob', '--prune', '1e-9', '--memory', '64M', '--order', '2'];
  const { code, stderr } = await command([...base, '--input', input, ...flags, '--out', at('pruned')]);
  assert.is(code, 0, stderr);
  const found = readJson<{ prune: number; memory: number; certificate: { exact: boolean } }>(
    at('pruned', 'manifest.json'),
  );
  // Of so few classes none is merged.
  assert.equal([found.prune, found.memory, found.certificate.exact], [1e-9, 2 ** 26, true]);
  const { code: refused } = await command([...base, '--input', input, '--prune', '2', '--out', at('none')]);
  assert.is(refused, 2);
});

test('in float32 the arrays are float64 files all the same', async () => {
  const [each] = golden.cases.filter(({ score }) => score === 'prob');
  const flags = ['--precision', 'float32', '--score', 'prob', '--class', String(each.classIndex)];
  assert.is((await command([...base, '--input', input, ...flags, '--out', at('single')])).code, 0);
  assert.is(array('single', 'a').dtype, 'float64');
  close(array('single', 'd1').data, each.d1, { relative: 1e-4 }, 'd1');
});

test('a plan that does not apply is refused by name', async () => {
  const nodes = network.nodes.map((node) => (node.op === 'Relu' ? { ...node, op: 'Sigmoid' } : node));
  const path = modelFile('smooth.json', { ...network, nodes });
  const x = file('8.npy', encodeNpy(tensor(new Array(192).fill(0.5), [1, 3, 8, 8])));
  const run = ['diagonal', path, '--input', x, '--layer', 'conv', '--plan', 'linear-prefix'];
  const { code, stderr } = await command([...run, '--out', at('none')]);
  assert.is(code, 2);
  assert.match(stderr, /diagonal by linear-prefix: .*; use plan auto or jets/);
  assert.not(readdirSync(at()).includes('none'));
});

test('a picture at the default layer, up to the fifth derivative', async () => {
  const small = modelFile('small.json');
  const picture = pictureFile('photo.png', 12, 9);
  const run = ['diagonal', small, '--input', picture, '--order', '5', '--out', at('five')];
  const { code, stderr } = await command(run);
  assert.is(code, 0, stderr);
  const written = ['a', 'd1', 'd2', 'd3', 'd4', 'd5'].map((name) => `${name}.npy`);
  assert.equal(readdirSync(at('five')).sort(), [...written, 'manifest.json'].sort());
  assert.is(readJson<{ layer: string }>(at('five', 'manifest.json')).layer, 'active');
  // exp of what is linear: D_r = e^z gʳ, so D5 D3 = D4².
  const [d3, d4, d5] = ['d3', 'd4', 'd5'].map((name) => array('five', name).data);
  close(
    Array.from(d5, (value, i) => value * d3[i]),
    Array.from(d4, (value) => value * value),
    { relative: 1e-12 },
    'D5 D3',
  );
});

test.run();
