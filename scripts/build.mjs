/**
 * Builds dist/ from src/, in two forms. The entries are bundled with what they share, so that Node reads a few files, not two
 * hundred; dist/modules holds the same as a file per source, from which a bundler takes what is used.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build, transformSync } from 'esbuild';
import { inlinePackages } from './inlinePackages.mjs';
import { leaveOut } from './leaveOut.mjs';
import { pruneTypes } from './pruneTypes.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');

/** What an install brings, or whoever wants it installs beside; all other packages go into dist, as far as they are used. */
const {
  dependencies,
  peerDependencies,
  exports: exported,
} = JSON.parse(readFileSync(path('package.json'), 'utf8'));
const installed = Object.keys({ ...dependencies, ...peerDependencies });

/** Makes whatever is loaded reach the whole core, so that the core is one file for all. */
const oneCore = {
  name: 'one core',
  setup({ onLoad }) {
    onLoad(
      {
        filter: /\/modules\/(node|cam\/(metrics|scores|more)\/index|(nn|onnx|image|node|page|cli)\/.*)\.js$/,
      },
      ({ path: file }) => {
        const text = readFileSync(file, 'utf8');
        return { contents: `${text}\nimport '${path('dist/modules/core.js')}';\n` };
      },
    );
  },
};

rmSync(path('dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: path(''), stdio: 'inherit' });
await inlinePackages(
  path('dist/modules'),
  (name) => name.startsWith('node:') || installed.some((each) => `${name}/`.startsWith(`${each}/`)),
);
/** Of a primitive's row, what only its reader and the tests need: a page does not carry it. */
const forTests = ['samples', 'values', 'tails', 'source'];
/** The types have the docstrings: what runs goes without comments and blanks, in lines that a stack trace can point into. */
const dense = { minifyWhitespace: true, minifySyntax: true, lineLimit: 240, charset: 'utf8' };
for (const file of readdirSync(path('dist/modules'), { recursive: true })) {
  if (!file.endsWith('.js') || file.startsWith('packages')) continue;
  const place = join(path('dist/modules'), file);
  const { code } = transformSync(readFileSync(place, 'utf8'), { target: 'es2022', charset: 'utf8' });
  const shipped = file.startsWith(join('autodiff', 'primitives')) ? leaveOut(code, forTests) : code;
  writeFileSync(place, transformSync(shipped, dense).code);
}
await build({
  ...dense,
  // What is bundled here is not read by others' bundlers, which take the modules: names of one's own may be short.
  minifyIdentifiers: true,
  entryPoints: [
    'index',
    'core',
    'image/index',
    'node',
    'cam/metrics/index',
    'cam/scores/index',
    'cam/more/index',
    'nn/index',
    'onnx/index',
    'page/index',
    'cli/main',
  ].map((name) => path(`dist/modules/${name}.js`)),
  outdir: path('dist'),
  outbase: path('dist/modules'),
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  external: ['node:*', ...installed],
  target: 'es2022',
  ignoreAnnotations: true,
  plugins: [oneCore],
});
/** A file compressed as far as it goes, which takes seconds: what was once is kept. */
function packed(file) {
  const bytes = readFileSync(file);
  const cache = path('node_modules/.cache/jetgrad/packed');
  const place = join(cache, createHash('sha256').update(bytes).digest('hex'));
  if (!existsSync(place)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${place}.part`, brotliCompressSync(bytes));
    renameSync(`${place}.part`, place);
  }
  return place;
}

mkdirSync(path('dist/packed'));
/** What reads JPEG files, what draws panels, and their letters: a third of their size, and read when they are needed. */
for (const file of [
  require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm'),
  require.resolve('@resvg/resvg-wasm/index_bg.wasm'),
  ...readdirSync(path('fonts')).map((font) => path(`fonts/${font}`)),
]) {
  copyFileSync(packed(file), join(path('dist/packed'), `${basename(file)}.br`));
}

const { code } = transformSync(readFileSync(path('src/tensor/kernels/wasm/threadSource.ts'), 'utf8'), {
  loader: 'ts',
});
const { workerSource } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
writeFileSync(
  path('dist/worker.js'),
  `// A thread of jetgrad, for setThreads in a page: see README.\n${workerSource.trimStart()}`,
);
writeFileSync(
  path('dist/worker.d.ts'),
  '/** A script for workers, without exports: start it as `setThreads` of jetgrad/core says. */\nexport {};\n',
);
/** Builds a file that needs no other. */
const alone = (entry, file, { format, banner }) =>
  build({
    entryPoints: [path(entry)],
    outfile: path(file),
    bundle: true,
    minify: true,
    format,
    target: 'es2022',
    banner: { js: `// ${banner}` },
  });
await alone('src/oneFile.ts', 'dist/jetgrad.min.js', {
  format: 'esm',
  banner:
    'jetgrad: core, image, onnx and page. MIT licence; with @bufbuild/protobuf, Apache-2.0 and BSD-3-Clause.',
});
// As a classic script and as a module alike.
await alone('src/page/explainer.ts', 'dist/explainer.js', {
  format: 'iife',
  banner: 'The worker of createExplainer of jetgrad/page, and its threads. Licences as of jetgrad.min.js.',
});
writeFileSync(
  path('dist/explainer.d.ts'),
  '/** A script for workers, without exports: give its address to `createExplainer` of jetgrad/page. */\nexport {};\n',
);
// Of the file per source, bundlers read what the entries for them reach: the rest goes.
const modules = Object.values(exported).flatMap(({ module: file }) => file ?? []);
const reached = await build({
  entryPoints: modules.map(path),
  outdir: path('dist/modules'),
  bundle: true,
  write: false,
  metafile: true,
  ignoreAnnotations: true,
  format: 'esm',
  platform: 'neutral',
  external: ['node:*', ...installed],
});
const read = new Set(Object.keys(reached.metafile.inputs).map((file) => resolve(file)));
for (const file of readdirSync(path('dist/modules'), { recursive: true })) {
  const place = join(path('dist/modules'), file);
  if (file.endsWith('.js') && !read.has(place)) rmSync(place);
}
// No maps are packed: they would point to sources that are not.
const types = Object.values(exported).flatMap(({ types: file }) => file ?? []);
pruneTypes(
  path('dist'),
  types.map((file) => file.slice('./dist/'.length)),
);
chmodSync(path('dist/cli/main.js'), 0o755);
