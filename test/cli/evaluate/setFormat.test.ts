import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isInside, parseQueuedSet } from '../../../src/cli/evaluate/setFormat.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { keysOf } from '../../evaluate/queue/golden.ts';

const test = suite('queued sets');
const keys = keysOf(2);
const [sha256] = keysOf(1, 'file');
const model = { name: 'models/0/small.json', sha256, size: 3 };
const flags = {
  model: [model.name],
  method: ['gradcam'],
  metric: ['mass'],
  score: ['exp'],
  sigma: [0.15],
  samples: [5],
  seed: 0,
  backend: 'wasm',
};
const whole = { format: 'jetgrad-set/1', flags, files: [model], parts: [{ sha256, size: 2 }], keys };
const parse = (value: unknown) => parseQueuedSet(new TextEncoder().encode(JSON.stringify(value)));

test('a set is read as it was written', () => {
  const { parts, ...others } = parse(whole);
  assert.equal([others.flags, others.files, others.keys], [flags, [model], keys]);
  assert.is(parts?.[0].sha256, sha256);
  const { parts: _, ...drawn } = { ...whole, drawn: 'scenes:4:1' };
  assert.is(parse(drawn).drawn, 'scenes:4:1');
});

test('names stay inside', () => {
  for (const name of ['models/0/a.onnx', 'labels/two words.txt', 'models/0/parts/..w', 'a/...']) {
    assert.ok(isInside(name), name);
  }
  const outside = [
    ...[
      '',
      '/',
      '/etc/passwd',
      '..',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a/./b',
      'a//b',
      'a/',
      'a\\b',
      'a/b\\..\\c',
    ],
    ...['C:/a', 'C:a', 'a/b:c', 'a/b\0c', '\\\\host\\share', 'alone'],
  ];
  for (const name of outside) assert.not(isInside(name), JSON.stringify(name));
});

test('what is no set is refused, whatever names a path above all', () => {
  const withFlags = (more: object) => ({ ...whole, flags: { ...flags, ...more } });
  const { parts, ...bare } = whole;
  const wrong: readonly unknown[] = [
    ...[null, [], {}, 'text', bare, { ...whole, more: 1 }, { ...whole, format: 'jetgrad-set/2' }],
    ...[
      { ...whole, drawn: 'scenes:4' },
      { ...bare, drawn: '/etc' },
      { ...bare, drawn: 'coco:/etc' },
    ],
    ...[
      { ...whole, keys: ['../x'] },
      { ...whole, keys: 'x' },
      { ...whole, parts: [{ sha256: '../x', size: 1 }] },
    ],
    ...[
      { ...whole, files: [{ ...model, name: 'models/../../x' }] },
      { ...whole, files: [model, model] },
    ],
    ...[
      { ...whole, files: [{ ...model, sha256: 'x' }] },
      { ...whole, files: [{ ...model, size: -1 }] },
    ],
    withFlags({ model: ['/etc/passwd'] }),
    withFlags({ model: [] }),
    withFlags({ labels: '/etc/passwd' }),
    withFlags({ preprocess: '/etc/passwd.json' }),
    withFlags({ out: '/tmp' }),
    withFlags({ queue: 'redis://elsewhere' }),
    withFlags({ method: ['toString'] }),
    withFlags({ seed: '0' }),
    withFlags({ backend: undefined }),
  ];
  for (const value of wrong) {
    assert.throws(
      () => parse(value),
      (error: Error) => error instanceof InputError,
      JSON.stringify(value),
    );
  }
  assert.throws(() => parseQueuedSet(new TextEncoder().encode('{')), /it is not JSON/);
});

test.run();
