import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as metrics from '../src/cam/metrics/index.ts';
import * as scores from '../src/cam/scores/index.ts';
import * as core from '../src/core.ts';
import * as image from '../src/image/index.ts';
import * as nn from '../src/nn/index.ts';
import * as node from '../src/node.ts';
import * as onnx from '../src/onnx/index.ts';
import { InputError } from '../src/tensor/errors.ts';
import { createRandom, type Random } from '../src/tensor/random.ts';
import { tensor } from '../src/tensor/tensor.ts';
import { floats, makeModel, parseNode } from './support/makeModel.ts';

const test = suite('exports, called with anything');

const data = makeModel({
  inputs: { x: ['N', 1, 4, 4] },
  outputs: ['z'],
  nodes: [
    parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }),
    'Relu a > b',
    'GlobalAveragePool b > c',
    'Flatten c > d',
    'Gemm d v > z',
  ],
  tensors: {
    w: floats(
      [2, 1, 3, 3],
      Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
    ),
    v: floats(
      [2, 3],
      Float32Array.from({ length: 6 }, (_, i) => Math.cos(i)),
    ),
  },
});
const model = core.createModel(data);
const picture = tensor(
  Array.from({ length: 16 }, (_, i) => Math.cos(i)),
  [1, 1, 4, 4],
);

type Anything = (...args: unknown[]) => unknown;

/** Values that somebody might pass: right ones, nearly right ones and wrong ones of every kind. */
const values: readonly (() => unknown)[] = [
  ...[undefined, null, true, false, Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.5, 1, 2, 3, 1e15].map(
    (value) => () => value,
  ),
  ...['', 'abc', 'float32', 'exp', 'prob', 'jets', 'wasm', 7n, Symbol('x')].map((value) => () => value),
  ...[
    [],
    [0],
    [1, 0],
    [1, 2, 3],
    [[1, 2], [3]],
    [
      [1, 2],
      [3, 4],
    ],
    ['a'],
    [null],
    [undefined, 1],
  ].map((value) => () => value),
  () => tensor(3),
  () => tensor([1, 2, 3]),
  () =>
    tensor([
      [1, 2],
      [3, 4],
    ]),
  () =>
    tensor([
      [
        [
          [1, -2],
          [3, 0],
        ],
      ],
    ]),
  () => tensor([], [0, 2]),
  () => tensor([1, Number.NaN], [2], 'float32'),
  () => Float64Array.of(1, 2),
  () => Uint8Array.of(1, 2),
  () => BigInt64Array.of(1n),
  () => new DataView(new ArrayBuffer(8)),
  () => new ArrayBuffer(8),
  () => ({}),
  () => ({ shape: [2] }),
  () => ({ data: [1, 2], shape: [2], stride: [1], offset: 0 }),
  () => ({ data: [1, 2], shape: [2], stride: [9], offset: 0 }),
  () => ({ data: null, shape: null, stride: null, offset: null }),
  () => ({ data: [1], shape: [1], stride: [1], offset: 0, dtype: 'float64' }),
  () => ({ w: tensor([1, 2]), b: tensor(1) }),
  () => ({ w: tensor([1, 2]), lr: 0.1 }),
  () => [tensor([1, 2]), tensor(1)],
  () => ({ order: 2, axes: [0], groups: 'two', hasAux: true, methods: 'gradcam' }),
  () => ({ hasAux: true }),
  () => data,
  () => model,
  () => picture,
  () => ({ x: picture }),
  () => ({ methods: ['gradcam', 'layercam'], samples: 2 }),
  () => ({ methods: ['all'] }),
  () => ({ signal: {}, threads: 'all' }),
  () => ({ signal: AbortSignal.abort() }),
  () => ({ threads: 0, onProgress: () => undefined }),
  () => ({ class: 'cat' }),
  () => ({ score: () => 5, methods: ['gradcam'] }),
  () => ({ select: { maps: 'all', region: 3, neurons: [1] }, methods: ['gradcam'] }),
  () => ({ layer: 99, samples: -1, sigma: 'auto', seed: null }),
  () => ({ layer: 'a', class: 1, samples: 1, sigma: 0, seed: 1 }),
  () => ({ hasAux: 1 }),
  () => ({ order: -1 }),
  () => ({ order: 2 }),
  () => ({ classIndex: 0 }),
  () => ({ left: true }),
  () => ({ keepDimensions: 'yes' }),
  () => new Map([[1, 2]]),
  () => new Date(0),
  () => Promise.resolve(1),
  () => /x/,
  () => () => undefined,
  () => () => 5,
  () => async () => tensor(1),
  () => (x: unknown) => x,
  () => (x: never) => core.sum(x),
  () => (x: never) => core.exp(x),
  () => (x: never) => [core.sum(x), x],
  () => (x: never) => ({ y: x }),
  () => (a: never, b: never) => core.add(a, b),
  () => core.grad((x) => core.sum(core.mul(x, x))),
  () => core.createScore('prob', { classIndex: 0 }),
];

const pick = (random: Random) => values[random.integer(values.length)]();

/** What is right of an error: ours, or the caller's own wish to stop. */
const isOurs = (error: unknown) =>
  (error instanceof InputError && !error.message.startsWith('Internal')) ||
  (error as Error).name === 'AbortError';

const isGenerator = (value: unknown): value is AsyncGenerator =>
  typeof (value as Partial<AsyncGenerator> | null)?.next === 'function';

interface Tally {
  calls: number;
  refused: number;
  readonly raw: Map<string, string>;
}

async function call(name: string, f: Anything, args: readonly unknown[], tally: Tally): Promise<unknown> {
  tally.calls++;
  try {
    const given = await f(...args);
    // A generator's work begins when it is asked.
    if (isGenerator(given)) for (let n = 0; n < 3 && !(await given.next()).done; n++);
    return given;
  } catch (error) {
    if (isOurs(error)) tally.refused++;
    else {
      const { stack } = error as Error;
      tally.raw.set(`${name}: ${String(error)}`, `${name}(${args.map(short).join(', ')}): ${stack}`);
    }
    return undefined;
  }
}

function short(value: unknown): string {
  if (typeof value === 'function') return String(value).slice(0, 50);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (value === model || value === data) return 'model';
  if (ArrayBuffer.isView(value)) return value.constructor.name;
  return typeof value === 'object' && value !== null && 'stride' in value
    ? String(value.valueOf().constructor.name)
    : JSON.stringify(value);
}

/** A function, or those of a record. */
function functionsOf(value: unknown): [string, Anything][] {
  if (typeof value === 'function') return [['', value as Anything]];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .filter((entry): entry is [string, Anything] => typeof entry[1] === 'function')
    .map(([own, f]) => [`.${own}`, f]);
}

/** These set what all computations share. */
const shared = new Set(['setThreads', 'setBackend', 'model.split']);

const rounds = Number(process.env.JETGRAD_FUZZ_CALLS ?? 100);

/** Every entry's functions; those of core are `jetgrad`'s, too. */
const exported = [core, image, metrics, nn, node, onnx, scores].flatMap((entry) =>
  Object.entries(entry).filter(
    (each): each is [string, never] =>
      typeof each[1] === 'function' && !shared.has(each[0]) && !/^[A-Z]/.test(each[0]),
  ),
);
const methods = functionsOf(model).map(([own, f]) => [`model${own}`, f] as const);

for (const [name, f] of [...exported, ...methods].filter(([each]) => !shared.has(each))) {
  test(name, async () => {
    const tally: Tally = { calls: 0, refused: 0, raw: new Map() };
    const random = createRandom(11, name.length * 1000 + name.charCodeAt(0));
    for (let round = 0; round < rounds; round++) {
      const args = Array.from({ length: random.integer(5) }, () => pick(random));
      // Half of the calls get something useful to begin with.
      if (name.startsWith('explain') && round % 2 === 0) args.splice(0, 2, model, picture);
      const result = await call(name, f, args, tally);
      // What an export gives may have functions, too.
      for (const [own, each] of functionsOf(result)) {
        const more = Array.from({ length: random.integer(3) }, () => pick(random));
        await call(`${name}(…)${own}`, each, more, tally);
      }
    }
    assert.is(tally.raw.size, 0, [...tally.raw.values()].slice(0, 3).join('\n'));
    assert.ok(tally.refused > 0 || tally.calls >= rounds);
  });
}

// What is saved under any name goes into a folder that is thrown away.
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-exports-'));
const before = process.cwd();
test.before(() => process.chdir(folder));
test.after(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

test.run();
