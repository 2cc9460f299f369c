import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeNpy } from '../../../src/tensor/npy.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { fixture, same } from '../../support/check.ts';
import { command, createFolder, readJson } from '../command.ts';

const test = suite('--backend and --threads');
const { at, file, modelFile, pictureFile } = createFolder();
const small = modelFile('small.json');
const picture = pictureFile('noise.png');
const pixels = file(
  'x.npy',
  encodeNpy(
    tensor(
      Float64Array.from({ length: 192 }, (_, i) => Math.sin(i)),
      [1, 3, 8, 8],
    ),
  ),
);
const golden = readJson<{ input: { shape: number[]; data: number[] }; activation: { tensor: string } }>(
  fixture('goldens/vgg.json'),
);
const image = file('golden.npy', encodeNpy(tensor(golden.input.data, golden.input.shape)));

const commands: Readonly<Record<string, readonly string[]>> = {
  run: ['run', small, '--input', pixels],
  explain: ['explain', picture, '--model', small, '--method', 'all', '--samples', '9', '--format', 'npy'],
  diagonal: [
    'diagonal',
    fixture('goldens/vgg.onnx'),
    '--layer',
    golden.activation.tensor,
    '--input',
    image,
    '--score',
    'prob',
  ],
};

interface Facts {
  readonly backend: string;
  readonly threads: number;
}

/** Of a command, or of each picture that it explained. */
type Manifest = Facts | { readonly images: readonly Facts[] };

/** Runs a command into a folder; the arrays in it, and what the manifest says of the engine. */
async function runInto(name: string, out: string, flags: readonly string[]) {
  const argv = [...commands[name], ...flags, '--out', at(out)];
  const { code, stderr } = await onEngine(engines[1], () => command(argv));
  assert.is(code, 0, stderr);
  const manifest = readJson<Manifest>(at(out, 'manifest.json'));
  const arrays = readdirSync(at(out)).filter((each) => each.endsWith('.npy'));
  assert.ok(arrays.length > 0);
  return {
    facts: 'images' in manifest ? manifest.images[0] : manifest,
    bytes: new Map(arrays.map((each) => [each, readFileSync(join(at(out), each))])),
  };
}

for (const name of Object.keys(commands)) {
  test(`${name}: the same bytes on any number of threads, and the manifest names backend and threads`, async () => {
    const one = await runInto(name, `${name}-1`, ['--threads', '1']);
    assert.equal([one.facts.backend, one.facts.threads], ['wasm', 1]);
    for (const threads of [2, 3]) {
      const more = await runInto(name, `${name}-${threads}`, ['--threads', String(threads)]);
      assert.equal([more.facts.backend, more.facts.threads], ['wasm', threads]);
      assert.equal([...more.bytes.keys()], [...one.bytes.keys()]);
      for (const [each, bytes] of one.bytes)
        same(more.bytes.get(each) ?? [], bytes, `${each}, ${threads} threads`);
    }
  });

  test(`${name} on the reference: one thread, the same files`, async () => {
    const { facts, bytes } = await runInto(name, `${name}-reference`, [
      '--backend',
      'reference',
      '--threads',
      '2',
    ]);
    assert.equal([facts.backend, facts.threads], ['reference', 1]);
    const { bytes: wasm } = await runInto(name, `${name}-wasm`, ['--backend', 'wasm']);
    assert.equal([...bytes.keys()], [...wasm.keys()]);
    // All of it in float64, where the backends have the same bits.
    if (name === 'diagonal') for (const [each, own] of bytes) same(wasm.get(each) ?? [], own, each);
  });

  test(`${name}: what cannot be used is one sentence, and nothing is written`, async () => {
    const wrong: [string[], RegExp][] = [
      [['--threads', '0'], /Cannot use --threads 0: it must be a whole number from 1 to 16/],
      [['--threads', '17'], /Cannot use --threads 17: it must be a whole number from 1 to 16/],
      [['--threads', '2.5'], /Cannot use --threads 2\.5: it must be a whole number from 1 to 16/],
      [['--threads', 'two'], /Cannot use --threads two: it must be a whole number from 1 to 16/],
      [['--backend', 'gpu'], /Cannot use --backend "gpu": it must be wasm or reference/],
      [['--backend', 'referense'], /it must be wasm or reference; did you mean "reference"\?/],
    ];
    for (const [flags, says] of wrong) {
      const out = at(`${name}-wrong`);
      const { code, stdout, stderr } = await command([...commands[name], ...flags, '--out', out]);
      assert.is(code, 2, flags.join(' '));
      assert.is(stdout, '');
      assert.match(stderr, says);
      assert.is(stderr.trim().split('\n').length, 1, stderr);
      assert.not.ok(readdirSync(at()).includes(`${name}-wrong`));
    }
  });
}

test.run();
