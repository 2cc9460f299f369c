/**
 * Packs the package, installs it into an empty folder as a user would, imports every entry, runs the command, and type-checks a
 * consumer. The last line is `N passed, N failed, N skipped`.
 */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, transformSync } from 'esbuild';
import { createConsumer, root } from './consumer.ts';
import { createReport } from './report.ts';

const NODE_TYPES = ['@types/node', 'undici-types'];

const report = createReport();
const consumer = createConsumer('pack', '@types/node@20');
const { folder, run } = consumer;

/** What a page gets that uses this much of the package: minified and compressed, and from which files. */
async function bundle(contents: string): Promise<{ kilobytes: number; files: string[]; warnings: number }> {
  const { outputFiles, metafile, warnings } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
  });
  const [output] = Object.values((metafile as Metafile).outputs);
  return {
    kilobytes: gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000,
    warnings: warnings.length,
    files: Object.keys(output.inputs).filter((file) => output.inputs[file].bytesInOutput > 0),
  };
}

/** The package's own files that are read when one of them is imported. */
function filesBehind(file: string): Set<string> {
  const seen = new Set<string>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const imports = readFileSync(next, 'utf8').matchAll(/\b(?:from|import)\s*"(\.[^"]+)"/g);
    for (const [, target] of imports) pending.push(join(dirname(next), target));
  }
  return seen;
}

/** As `du -sb` counts. */
function bytesIn(place: string): number {
  const all = readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name));
  return [place, ...all].reduce((sum, each) => sum + lstatSync(each).size, 0);
}

/** All that jetgrad/core exports, with what there was when this was set and a little room: what is beyond it slipped in. */
const CORE_KILOBYTES = 154;
/** Room for a tenth more than there was when these were set. */
const GRAD_KILOBYTES = 13;
const IMAGE_KILOBYTES = 13;
/** What an install takes on a disk at most, folders counted as `du -sb` does. */
const INSTALLED_MEGABYTES = 6;

const program = `
import { diagonal, exp, grad, sum, tensor, type Tensor } from 'jetgrad';
import { jet } from 'jetgrad/core';
import { type Picture, pictureOf, toImageData } from 'jetgrad/image';
import { loadModel } from 'jetgrad/node';
import { importOnnx } from 'jetgrad/onnx';
const f = (x: Tensor): Tensor => exp(sum(x));
const g: Tensor = grad(f)(tensor([1, 2]));
const { d3 } = diagonal(f, tensor([1, 2]), { order: 3 });
const picture: Picture = pictureOf({ width: 1, height: 1, data: new Uint8ClampedArray(4) });
export const all = [g, toImageData(picture), d3, jet(f, [tensor([0])]), loadModel, importOnnx];
`;

/** The programs that come with the package, which a user copies. */
const examples = readdirSync(join(folder, 'node_modules/jetgrad/examples')).filter((file) =>
  file.endsWith('.ts'),
);

function typeCheck(module: string, resolution: string): void {
  const config = {
    compilerOptions: {
      module,
      moduleResolution: resolution,
      target: 'ES2022',
      strict: true,
      noEmit: true,
      types: ['node'],
    },
    files: ['consumer.ts', ...examples],
  };
  consumer.write('tsconfig.json', config);
  run(process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', folder);
}

try {
  report.check('npm pack and install', true, `${Math.round(consumer.packed / 1024)} kB packed`);
  const mine = NODE_TYPES.map((name) => bytesIn(join(folder, 'node_modules', name)));
  const bytes = mine.reduce((rest, each) => rest - each, bytesIn(join(folder, 'node_modules')));
  report.check(
    'what an install takes',
    bytes <= 1e6 * INSTALLED_MEGABYTES,
    `${(bytes / 1e6).toFixed(2)} MB, at most ${INSTALLED_MEGABYTES}`,
  );
  const said = Number(/([\d.]+) MB in all/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1]);
  report.check('README says so', Math.abs(said - bytes / 1e6) < 0.02, `${said} MB`);
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const entry of Object.keys(exports).filter((each) => !/[*]|json$/.test(each))) {
    const name = `jetgrad${entry.slice(1)}`;
    await report.guard(name, () => {
      const count = run(
        process.execPath,
        '-e',
        `import('${name}').then((m) => console.log(Object.keys(m).length))`,
      ).trim();
      // Those for workers are scripts.
      const isScript = /explainer|worker/.test(entry);
      report.check(name, Number(count) > 0 !== isScript, `${count} exports`);
    });
  }
  await report.guard('one state for all entries', () => {
    const code = `const { setThreads } = await import('jetgrad/node'); const { threadCount } = await import('jetgrad/core');
      setThreads(2); console.log(threadCount(), (await import('jetgrad')).threadCount())`;
    const counts = run(process.execPath, '--input-type=module', '-e', code).trim();
    report.check(
      'one state for all entries',
      counts === '2 2',
      `threads set in one are ${counts} in the others`,
    );
  });
  await report.guard('jetgrad in few files', () => {
    const { size } = filesBehind(join(folder, 'node_modules/jetgrad/dist/index.js'));
    report.check('jetgrad in few files', size === 2, `${size} files, 2 wanted: the entry and the core`);
  });
  await report.guard('jetgrad/core in a page', async () => {
    const { kilobytes } = await bundle(`export * from 'jetgrad/core'`);
    report.check(
      'jetgrad/core in a page',
      kilobytes <= CORE_KILOBYTES,
      `${kilobytes.toFixed(1)} kB minified and compressed, at most ${CORE_KILOBYTES}`,
    );
  });
  await report.guard('jetgrad/image in a page', async () => {
    const { kilobytes, warnings } = await bundle(`
      import { overlay, pictureOf, preprocessFor, toImageData } from 'jetgrad/image';
      console.log(overlay, pictureOf, preprocessFor, toImageData);`);
    report.check(
      'jetgrad/image in a page',
      kilobytes <= IMAGE_KILOBYTES && warnings === 0,
      `${kilobytes.toFixed(1)} kB, at most ${IMAGE_KILOBYTES}; ${warnings} warnings`,
    );
  });
  await report.guard('a gradient in a page', async () => {
    const { kilobytes, files } = await bundle(`
      import { exp, grad, mul, sum, tensor } from 'jetgrad';
      console.log(grad((x) => sum(exp(mul(x, x))))(tensor([1, 2])));`);
    const unwanted = files.filter((file) => /wasm|layers|model|onnx|cam|ndarray/.test(file));
    report.check(
      'a gradient in a page',
      unwanted.length === 0 && kilobytes <= GRAD_KILOBYTES,
      `${kilobytes.toFixed(1)} kB, at most ${GRAD_KILOBYTES}; without need: ${unwanted.join(', ') || 'nothing'}`,
    );
  });
  await report.guard('jetgrad --help', () => {
    const help = run('npx', '--no-install', 'jetgrad', '--help');
    report.check('jetgrad --help', /explain/.test(help) && /convert/.test(help), 'names the commands');
  });
  for (const file of examples) {
    await report.guard(`examples/${file}`, () => {
      const code = readFileSync(join(folder, 'node_modules/jetgrad/examples', file), 'utf8');
      consumer.write(file, code);
      consumer.write('example.mjs', transformSync(code, { loader: 'ts' }).code);
      const said = run(process.execPath, 'example.mjs').trim().split('\n').length;
      const printed = code.split('console.log').length - 1;
      report.check(`examples/${file}`, said >= printed, `${said} lines printed`);
    });
  }
  consumer.write('consumer.ts', program);
  for (const [module, resolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ]) {
    await report.guard(`types under ${resolution}`, () => {
      typeCheck(module, resolution);
      report.check(`types under ${resolution}`, true, 'a consumer compiles');
    });
  }
} finally {
  consumer.remove();
}
report.close();
