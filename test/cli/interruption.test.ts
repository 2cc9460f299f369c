import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelData } from '../../src/model/data/format.ts';
import { encodeNpy } from '../../src/tensor/npy.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { zeros } from '../../src/tensor/tensor.ts';
import { floats, makeModel, parseNode } from '../support/makeModel.ts';
import { createFolder, plain } from './command.ts';

const test = suite('interruption');
const path = (name: string) => fileURLToPath(new URL(`../../src/cli/${name}`, import.meta.url));
const random = createRandom(7);
const { at, file, modelFile, pictureFile } = createFolder();

const SIDE = 48;
const CHANNELS = 32;
const DEPTH = 10;

/** Convolutions and smooth units, so that every command has long to do. */
function deepNetwork(): ModelData {
  const weights = (...shape: number[]) =>
    floats(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0.06 * random.normal()),
    );
  const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const blocks = Array.from({ length: DEPTH }, (_, i) => [
    parseNode(`Conv t${i} w${i} > c${i + 1}`, window),
    parseNode(`Tanh c${i + 1} > t${i + 1}`),
  ]);
  const kernels = Array.from({ length: DEPTH }, (_, i) => [
    `w${i}`,
    weights(CHANNELS, i === 0 ? 3 : CHANNELS, 3, 3),
  ]);
  const model = makeModel({
    inputs: { t0: [1, 3, SIDE, SIDE] },
    outputs: ['z'],
    nodes: [
      ...blocks.flat(),
      `GlobalAveragePool t${DEPTH} > means`,
      'Flatten means > flat',
      'Gemm flat v > z',
    ],
    tensors: { ...Object.fromEntries(kernels), v: weights(CHANNELS, 5) },
  });
  const [image] = model.inputs;
  return {
    ...model,
    inputs: [{ ...image, preprocessing: { ...plain, resize: { shorterSide: SIDE }, crop: [SIDE, SIDE] } }],
  };
}

const model = modelFile('deep.json', deepNetwork());
const picture = pictureFile('one.png', 64, 64);
const input = file('x.npy', encodeNpy(zeros([1, 3, SIDE, SIDE], 'float32')));
const given = readdirSync(at()).sort();

interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  stdout: string;
  stderr: string;
}

/** A process that is killed, and so fails its test, where it does not end by itself. */
function start(argv: readonly string[]): Child {
  const child = spawn(process.execPath, ['--import', 'tsx', ...argv]);
  const deadline = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const started: Child = {
    process: child,
    ended: new Promise((resolve) => {
      child.once('close', (code, signal) => {
        clearTimeout(deadline);
        resolve({ code, signal });
      });
    }),
    stdout: '',
    stderr: '',
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      started[name] += chunk;
    });
  }
  return started;
}

const out = ['--out', at('a', 'b')];
const slow: Readonly<Record<string, readonly string[]>> = {
  'explain, many samples': [
    ...['explain', picture, '--model', model, '--method', 'smoothgrad'],
    ...['--samples', '100000', ...out],
  ],
  'explain, derivatives of a deep head': [
    'explain',
    picture,
    '--model',
    model,
    '--layer',
    't1',
    '--score',
    'prob',
    ...['--method', 'smoothgradcam++', '--samples', '1000', ...out],
  ],
  'diagonal by jets': ['diagonal', model, '--input', input, '--layer', 't2', '--plan', 'jets', ...out],
  'diagonal by a linear prefix': [
    'diagonal',
    model,
    '--input',
    input,
    '--layer',
    't3',
    '--plan',
    'linear-prefix',
    ...out,
  ],
};

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

for (const [i, [name, argv]] of Object.entries(slow).entries()) {
  const signal = signals[i % signals.length];
  test(`${name}: ${signal} ends it with 130 and leaves nothing behind`, async () => {
    const child = start([path('main.ts'), ...argv]);
    while (!existsSync(at('a', 'b')) && child.process.exitCode === null) await wait(20);
    await wait(1000 * random.uniform());
    child.process.kill(signal);
    assert.equal(await child.ended, { code: 130, signal: null }, child.stderr);
    // At most how long it would have taken.
    assert.match(child.stderr, /^(.* takes about .*\n)*$/);
    assert.equal(readdirSync(at()).sort(), given);
  });
}

test('any command at any moment: 130 or done, or ended by the signal before it listens', async () => {
  const short = {
    run: ['run', model, '--input', input, ...out],
    convert: ['convert', model, at('a', 'deep.onnx')],
    inspect: ['inspect', model],
    explain: ['explain', picture, '--model', model, '--method', 'all', '--samples', '2', ...out],
  };
  for (const argv of Object.values(short)) {
    const child = start([path('main.ts'), ...argv]);
    await wait(300 + 1200 * random.uniform());
    child.process.kill('SIGINT');
    const { code, signal } = await child.ended;
    assert.ok(
      code === 130 || code === 0 || signal === 'SIGINT',
      `${argv[0]}: ${code} ${signal} ${child.stderr}`,
    );
    if (code === 0) continue;
    assert.is(child.stderr, '');
    const left = readdirSync(at(), { recursive: true, encoding: 'utf8' });
    assert.equal(
      left.filter((each) => each.includes('.jetgrad-')),
      [],
    );
  }
});

test('a second signal ends the process at once, whatever it is doing', async () => {
  const script = file(
    'busy.mjs',
    `import { listenForInterruption } from ${JSON.stringify(path('shared/interruption.ts'))};
     const { signal } = listenForInterruption();
     signal.addEventListener('abort', () => { console.log('heard'); for (;;); });
     setInterval(() => {}, 1000);
     console.log('ready');`,
  );
  const child = start([script]);
  while (!child.stdout.includes('ready') && child.process.exitCode === null) await wait(20);
  child.process.kill('SIGTERM');
  while (!child.stdout.includes('heard') && child.process.exitCode === null) await wait(20);
  child.process.kill('SIGTERM');
  assert.equal(await child.ended, { code: null, signal: 'SIGTERM' }, child.stderr);
});

test('what is left under way when the first signal comes is not waited for', async () => {
  const script = file(
    'waiting.mjs',
    `import { listenForInterruption } from ${JSON.stringify(path('shared/interruption.ts'))};
     const { ended } = listenForInterruption();
     console.log('ready');
     setInterval(() => {}, 1000);
     process.exit(await ended);`,
  );
  const child = start([script]);
  while (!child.stdout.includes('ready') && child.process.exitCode === null) await wait(20);
  child.process.kill('SIGHUP');
  assert.equal(await child.ended, { code: 130, signal: null }, child.stderr);
});

test.run();
