import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePicture } from '../../src/node/pictures/decodePicture.ts';
import { decodeNpy } from '../../src/tensor/npy.ts';
import { same } from '../support/check.ts';
import { command, createFolder, readJson } from './command.ts';

const test = suite('jetgrad neurons');
const { at, file, modelFile, pictureFile } = createFolder();

const model = modelFile('small.json');
const picture = pictureFile('noise.png', 12, 10);

interface Listed {
  readonly layer: string;
  readonly logScale: number;
  readonly weights: number[];
  readonly maps: readonly {
    readonly k: number;
    readonly weight: number;
    readonly neurons: readonly Record<
      'k' | 'y' | 'x' | 'activation' | 'd1' | 'd2' | 'd3' | 'alpha' | 'share',
      number
    >[];
  }[];
}

const files = ['atlas.png', 'atlas.svg', 'manifest.json', 'neurons.csv', 'neurons.json'];

test('numbers are those that explain writes', async () => {
  const asked = ['--model', model, '--method', 'gradcam++', '--class', '1'];
  const made = await command(['neurons', picture, ...asked, '--maps', 'top:3', '--out', at('atlas')]);
  assert.is(made.code, 0, made.stderr);
  await command(['explain', picture, ...asked, '--format', 'npy', '--out', at('arrays')]);
  const array = (name: string) =>
    decodeNpy(readFileSync(at('arrays', `noise.c1.gradcam++.${name}.npy`)), name);
  const { weights, maps } = readJson<Listed>(at('atlas', 'neurons.json'));
  same(weights, array('weights').data);
  const strongest = [...weights.keys()].sort((i, j) => Math.abs(weights[j]) - Math.abs(weights[i]) || i - j);
  assert.equal(
    maps.map(({ k }) => k),
    strongest.slice(0, 3),
  );
  let neurons = 0;
  for (const map of maps) {
    for (const neuron of map.neurons) {
      const cell = (neuron.k * 8 + neuron.y) * 8 + neuron.x;
      for (const [name, value] of [
        ['a', neuron.activation],
        ['d1', neuron.d1],
        ['d2', neuron.d2],
        ['d3', neuron.d3],
      ] as const) {
        same([value], [array(name).data[cell]]);
      }
      neurons++;
    }
  }
  assert.ok(neurons > 3);
  const rows = readFileSync(at('atlas', 'neurons.csv'), 'utf8').trimEnd().split('\r\n');
  assert.is(rows.length, 1 + neurons);
  assert.ok(rows.every((row) => row.split(',').length === 17));
});

test('writes the plate as PNG and SVG, and a manifest of every choice', async () => {
  const { code, stdout } = await command([
    'neurons',
    picture,
    '--model',
    model,
    '--samples',
    '3',
    '--out',
    at('plate'),
  ]);
  assert.is(code, 0);
  for (const each of files) {
    assert.ok(existsSync(at('plate', each)), each);
    assert.ok(stdout.includes(at('plate', each)));
  }
  const drawn = decodePicture(readFileSync(at('plate', 'atlas.png')), 'atlas.png');
  assert.ok(drawn.width > 1000);
  const manifest = readJson<Record<string, unknown>>(at('plate', 'manifest.json'));
  assert.equal(manifest.files, ['atlas.png', 'atlas.svg', 'neurons.json', 'neurons.csv']);
  assert.equal((manifest.atlas as { maps: string }).maps, 'top:16');
  assert.equal((manifest.choices as { samples: number }).samples, 3);
});

test('the same bytes each time', async () => {
  const run = (out: string) =>
    command(['neurons', picture, '--model', model, '--samples', '2', '-q', '--out', at(out)]);
  await run('once');
  await run('twice');
  for (const each of files.filter((name) => name !== 'manifest.json')) {
    assert.ok(readFileSync(at('once', each)).equals(readFileSync(at('twice', each))), each);
  }
});

const refusals: readonly (readonly [argv: readonly string[], words: RegExp])[] = [
  [[], /missing required argument 'image'; see jetgrad neurons --help/],
  [[picture, '--model', model, '--class', '1,2'], /a plate is of one class; give one/],
  [[picture, '--model', model, '--class', 'top:2'], /a plate is of one class; give one/],
  [[picture, '--model', model, '--maps', '9'], /a map must be in 0 … 4, got 9/],
  [[picture, '--model', model, '--maps', 'all'], /Cannot read maps "all": give indices/],
  [[picture, '--model', model, '--each', '9'], /--each 9: it must be a whole number from 1 to 8/],
  [
    [picture, '--model', model, '--method', 'gradcamm'],
    /gradcam, .* or smoothgradcam\+\+; did you mean "gradcam"/,
  ],
  [[picture, '--model', model, '--by', 'shore'], /weight or share; did you mean "share"/],
  [[picture, '--model', model, '--layr', 'x'], /Did you mean --layer\?/],
  [[picture, '--model', model, '--layer', 'activ'], /did you mean "active"/],
  [[picture, '--model', model, '--score', 'logit'], /use --score exp/],
  [[at('none.png'), '--model', model], /none\.png/],
];

for (const [argv, words] of refusals) {
  test(`refuses ${argv.slice(3).join(' ') || 'what is no picture'} with exit code 2, nothing written`, async () => {
    const { code, stderr } = await command(['neurons', ...argv, '--out', at('refused')]);
    assert.is(code, 2, stderr);
    assert.match(stderr, words);
    assert.not(existsSync(at('refused')));
  });
}

test('never replaces what it reads', async () => {
  const own = file('atlas.png', readFileSync(picture));
  const { code, stderr } = await command(['neurons', own, '--model', model, '--out', at('.')]);
  assert.is(code, 2);
  assert.match(stderr, /atlas\.png: it is an input;/);
});

test.run();
