import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { circlesOf, importGraph } from './support/imports.ts';

const test = suite('structure');
const src = fileURLToPath(new URL('../src', import.meta.url));

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('generated'),
);
const text = (file: string) => readFileSync(join(src, file), 'utf8');
const imports = (file: string) =>
  [...text(file).matchAll(/^(?:import|export)[^'"]*?from '([^']+)'|^import '([^']+)'/gms)].map(
    (m) => m[1] ?? m[2],
  );

/** A folder may import itself and the folders named. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  autodiff: ['tensor'],
  layers: ['tensor', 'autodiff'],
  model: ['tensor', 'autodiff', 'layers'],
  onnx: ['tensor', 'autodiff', 'layers', 'model'],
  cam: ['tensor', 'autodiff', 'layers', 'model'],
  image: ['tensor', 'autodiff', 'layers', 'model', 'cam'],
  node: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image'],
  page: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image'],
  cli: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image', 'node'],
};

test('imports point one way', () => {
  for (const file of files) {
    const [folder] = file.split('/');
    if (!Object.hasOwn(allowed, folder)) continue;
    for (const target of imports(file)) {
      if (!target.startsWith('.')) continue;
      const [other] = relative(src, join(src, dirname(file), target)).split('/');
      const fits = other === folder || allowed[folder].includes(other) || !Object.hasOwn(allowed, other);
      assert.ok(fits, `${file} imports ${target}`);
    }
  }
});

/** Rooms of a folder, and the others of that folder that they may import from. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  'tensor/kernels/reference': ['tensor'],
  'model/data': [],
  'model/graph': ['model/data'],
  'model/file': ['model/data', 'model/graph'],
  'model/run': ['model/data', 'model/graph'],
  'model/compiled/lower': ['model/data'],
  'model/compiled/back': ['model/data', 'model/graph', 'model/run', 'model/compiled/lower'],
  'model/compiled': ['model/data', 'model/graph', 'model/run', 'model/compiled/lower', 'model/compiled/back'],
};

test('imports between the rooms of a folder point one way', () => {
  for (const file of files) {
    const room = dirname(file);
    if (!Object.hasOwn(rooms, room)) continue;
    for (const target of imports(file)) {
      if (!target.startsWith('.')) continue;
      const other = dirname(relative(src, join(src, room, target)));
      const isOutside = other.split('/')[0] !== room.split('/')[0];
      assert.ok(isOutside || other === room || rooms[room].includes(other), `${file} imports ${target}`);
    }
  }
});

test('no file imports itself through others, types included', () => {
  assert.equal(circlesOf(importGraph('src')), []);
});

test('only the Node entries touch Node modules and packages', () => {
  const packages: Readonly<Record<string, RegExp>> = {
    ndarray: /^tensor\/ndarray\.ts$/,
    '@bufbuild/protobuf': /^onnx\//,
  };
  for (const file of files) {
    if (/^(cli\/|node\/|node\.ts)/.test(file)) continue;
    for (const target of imports(file)) {
      if (target.startsWith('.')) continue;
      assert.ok(packages[target]?.test(file) === true, `${file} imports ${target}`);
    }
  }
});

test('no module exceeds 400 lines', () => {
  for (const file of files) assert.ok(text(file).split('\n').length <= 400, file);
});

test('no call takes as many arguments as some data has entries', () => {
  // The stack holds about 120,000 of them: largestOf, or a loop, takes any number.
  const spread =
    /(?:Math\.(?:max|min|hypot)|\.(?:push|unshift|splice)|String\.from(?:CharCode|CodePoint))\((?:[^(){}]*,\s*)?\.\.\./g;
  for (const file of files) assert.equal(text(file).match(spread) ?? [], [], file);
});

for (const entry of ['core.ts', 'image/index.ts'])
  test(`the bundle of ${entry} imports nothing and needs no eval`, async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [join(src, entry)],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const [{ text: bundle }] = outputFiles;
    const outside = Object.values(metafile.inputs).flatMap((input) =>
      input.imports.filter((each) => each.external),
    );
    assert.equal(outside, []);
    for (const word of ['"node:', "'node:", 'eval(', 'Function(', 'require('])
      assert.not.ok(bundle.includes(word), word);
  });

test.run();
