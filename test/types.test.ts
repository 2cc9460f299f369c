import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packagesBehind, placesOf, unnamedTypes } from './support/declarations.ts';
import { docs, root } from './support/examples.ts';

const test = suite('types');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-types-'));

const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
const config = {
  extends: join(root, 'tsconfig.build.json'),
  compilerOptions: {
    emitDeclarationOnly: true,
    declarationMap: false,
    rootDir: join(root, 'src'),
    declarationDir: folder,
    outDir: folder,
    typeRoots: [join(root, 'node_modules/@types')],
  },
  include: [join(root, 'src')],
  exclude: [join(root, 'src/tensor/kernels/assembly')],
};
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe' });

const core = join(folder, 'core.d.ts');
const entries: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['core.d.ts', [], []],
  ['index.d.ts', [], ['ndarray']],
  ['image/index.d.ts', [core], []],
  ['node.d.ts', [core], []],
  ['cam/more/index.d.ts', [core], []],
  ['cam/metrics/index.d.ts', [core], []],
  ['cam/scores/index.d.ts', [core], []],
  ['nn/index.d.ts', [core], []],
  ['onnx/index.d.ts', [core], []],
  ['page/index.d.ts', [core, join(folder, 'image/index.d.ts')], []],
];

for (const [entry, others, packages] of entries) {
  test(`everything that ${entry} exports has a docstring`, () => {
    const missing = placesOf(join(folder, entry))
      .map(({ file, name }) => ({ file: `src/${relative(folder, file).replace('.d.ts', '.ts')}`, name }))
      .filter(({ file, name }) => !docs.some((doc) => doc.file === file && doc.name === name))
      .map(({ file, name }) => `${file}: ${name}`);
    assert.equal(missing, []);
  });

  test(`every type in a signature of ${entry} has a public name`, () => {
    assert.equal(unnamedTypes(join(folder, entry), others, packages), []);
  });
}

test('the types of an entry are the package’s own, but for ndarrays', () => {
  for (const [entry, , packages] of entries) assert.equal(packagesBehind(join(folder, entry)), [...packages]);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));

test.run();
