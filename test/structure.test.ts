import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { functionsOf } from './support/functions.ts';
import { circlesOf, importGraph, root } from './support/imports.ts';

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
  nn: ['tensor', 'autodiff'],
  model: ['tensor', 'autodiff', 'layers'],
  onnx: ['tensor', 'autodiff', 'layers', 'model'],
  cam: ['tensor', 'autodiff', 'layers', 'model'],
  image: ['tensor', 'autodiff', 'layers', 'model', 'cam'],
  node: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image'],
  page: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image'],
  evaluate: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image', 'node'],
  cli: ['tensor', 'autodiff', 'layers', 'model', 'onnx', 'cam', 'image', 'node', 'evaluate'],
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
  'evaluate/scenes': [],
  'tensor/kernels/reference': ['tensor'],
  'cli/shared': ['cli'],
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
    if (/^(cli\/|node\/|node\.ts|evaluate\/(?!scenes))/.test(file)) continue;
    for (const target of imports(file)) {
      if (target.startsWith('.')) continue;
      assert.ok(packages[target]?.test(file) === true, `${file} imports ${target}`);
    }
  }
});

test('what engines round in ways of their own is computed by src/tensor/elementary', () => {
  // asin, acos, asinh, acosh, atanh and ** are still the engine's.
  const own = /\bMath\.(?:(?:sin|cos|tan)h?|atan2?|exp|expm1|log|log1p|log10|hypot)\b/g;
  for (const file of files) {
    if (!file.startsWith('cli/')) assert.equal(text(file).match(own) ?? [], [], file);
  }
});

test('no module exceeds 400 lines', () => {
  for (const file of files) assert.ok(text(file).split('\n').length <= 400, file);
});

const FUNCTION_LINES = 60;

/** Functions that are longer, and why. */
const longFunctions: Readonly<Record<string, string>> = {
  'model/model.ts createModel': 'a closure: its functions share what the model has found out of itself',
  'node/rangeReader.ts createRangeReader': 'a closure: its functions share the open files',
  'model/compiled/session.ts sessionOn': 'a closure: its functions share the memory of a device',
  'model/split.ts splitModel': 'a closure: its functions share the two programs',
  'node/explanation/records.ts createRecords': 'a closure: its functions share one file',
  'node/explanation/ledger.ts openLedger': 'a closure: its functions share one manifest',
  'tensor/kernels/conv.ts convInput': 'one loop over blocks, groups and images, read from outside in',
  'tensor/kernels/residentProduct.ts multiplyRows': 'one program with its memory, given back at its end',
  'tensor/kernels/reference/panels.ts multiplyTile': 'sixteen sums by hand, so that they stay in registers',
  'autodiff/checkPrimitive.ts checkRow': 'the checks of a row, one after another',
};

const byHand = files.filter((file) => !file.startsWith('tensor/kernels/assembly/'));

test('functions have 60 lines at most, but for those with a reason', () => {
  const long = byHand.flatMap((file) =>
    functionsOf(text(file))
      .filter(({ lines }) => lines > FUNCTION_LINES)
      .map(({ name }) => `${file} ${name}`),
  );
  assert.equal(long.sort(), Object.keys(longFunctions).sort());
});

/** Files whose text is read: a thread runs what this one says. */
const readAsText: ReadonlySet<string> = new Set(['tensor/kernels/wasm/thread.ts']);

test('what a file exports, some other file imports', () => {
  const graph = importGraph('src', 'test', 'scripts', 'bench', 'weights');
  const importers = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    for (const target of targets) importers.set(target, [...(importers.get(target) ?? []), file]);
  }
  const unused = byHand.flatMap((file) => {
    if (readAsText.has(file)) return [];
    const readers = (importers.get(join('src', file)) ?? []).map((other) =>
      readFileSync(join(root, other), 'utf8'),
    );
    return (
      [...text(file).matchAll(/^export (?:async )?(?:function\*?|const|class) (\w+)/gm)]
        .filter(([, name]) => !readers.some((reader) => new RegExp(`\\b${name}\\b`).test(reader)))
        // The tests gather rows by their names.
        .filter(([, name]) => !(file.startsWith('autodiff/primitives/') && name.endsWith('Row')))
        .map(([, name]) => `${file} ${name}`)
    );
  });
  assert.equal(unused, []);
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
