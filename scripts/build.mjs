/**
 * Builds dist/ from src/, in two forms. The entries are bundled with what they share, so that Node reads a few files, not two
 * hundred; dist/modules holds the same as a file per source, from which a bundler takes what is used.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, transformSync } from 'esbuild';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');

/** Makes whatever is loaded reach the whole core, so that the core is one file for all. */
const oneCore = {
  name: 'one core',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/(node|(onnx|image|node|page|cli)\/.*)\.ts$/ }, ({ path: file }) => {
      const text = readFileSync(file, 'utf8');
      return { contents: `${text}\nimport '${path('src/core.ts')}';\n`, loader: 'ts' };
    });
  },
};

rmSync(path('dist'), { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: path(''), stdio: 'inherit' });
await build({
  entryPoints: ['index', 'core', 'image/index', 'node', 'onnx/index', 'page/index', 'cli/main'].map((name) =>
    path(`src/${name}.ts`),
  ),
  outdir: path('dist'),
  outbase: path('src'),
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  external: ['node:*'],
  packages: 'external',
  target: 'es2022',
  ignoreAnnotations: true,
  plugins: [oneCore],
});

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
rmSync(path('dist/modules/cli'), { recursive: true });
chmodSync(path('dist/cli/main.js'), 0o755);
