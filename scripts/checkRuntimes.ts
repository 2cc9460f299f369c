/**
 * The same bits everywhere: maps of the bundled network, on one thread and on three, and the pictures that the command draws, by the packed
 * package under each runtime: `npm run check:runtimes -- [node@20 bun]`. Runtimes are installed from npm into node_modules/.cache;
 * Chromium is the machine's. The last line is `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BROWSER, isThere, launch } from '../test/web/browser.ts';
import { createConsumer, kept, nodeOf } from './consumer.ts';
import { createReport } from './report.ts';

const machine = `${process.platform}-${process.arch}`;

/** Where npm has a runtime, for this machine, and how it runs a file. */
const runtimes: Readonly<Record<string, () => readonly string[]>> = {
  'node@20': () => [nodeOf('20')],
  'node@22': () => [nodeOf('22')],
  'node@24': () => [nodeOf('24')],
  bun: () => [join(kept(`@oven/bun-${machine.replace('arm64', 'aarch64')}`, '1'), 'bin/bun')],
  deno: () => [
    join(kept(`@deno/${machine}${process.platform === 'linux' ? '-glibc' : ''}`, '2'), 'deno'),
    'run',
    '--quiet',
    '--allow-all',
    '--node-modules-dir=manual',
  ],
};
const BROWSERS = ['chromium'];

/** Hashes of the maps on one thread and on three: a function that a page runs, too. */
const hashes = `async ({ explain, setThreads, threadCount, backend }, model, input) => {
  const found = { backend: backend().name, threads: [], hashes: [] };
  for (const threads of [1, 3]) {
    setThreads(threads);
    const methods = ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad', 'layercam'];
    const { maps } = await explain(model, input, { methods, score: 'prob', samples: 8 });
    const bytes = methods.flatMap((name) => Array.from(new Uint8Array(Float64Array.from(maps[name].raw.data).buffer)));
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes)));
    found.hashes.push(Array.from(hash.subarray(0, 8), (each) => each.toString(16).padStart(2, '0')).join(''));
    found.threads.push(threadCount());
  }
  return found;
}`;

const program = `
import * as jetgrad from 'jetgrad';
import { loadModel, loadPicture, preprocessFor } from 'jetgrad/node';
const weights = 'node_modules/jetgrad/weights/';
const model = await loadModel(weights + 'scenes-vgg.json');
const { input } = preprocessFor(model, await loadPicture(weights + 'sample.png'));
console.log(JSON.stringify(await (${hashes})(jetgrad, model, input)));
process.exit(0);
`;

interface Found {
  readonly backend: string;
  /** How many threads computed. */
  readonly threads: readonly number[];
  readonly hashes: readonly string[];
  /** Of the files that the command draws; none in a page. */
  readonly files?: string;
}

const report = createReport();
const consumer = createConsumer('runtimes');

function foundBy(name: string): Found {
  const [command, ...args] = runtimes[name]();
  const found = JSON.parse(consumer.run(command, ...args, 'program.mjs')) as Found;
  const out = `${name}-out`;
  const main = 'node_modules/jetgrad/dist/cli/main.js';
  const explain = ['explain', 'node_modules/jetgrad/weights/sample.png', '--method', 'all', '--samples', '4'];
  consumer.run(command, ...args, main, ...explain, '--quiet', '--out', out);
  const hash = createHash('sha256');
  const files = readdirSync(join(consumer.folder, out)).filter((file) => file.endsWith('.png'));
  for (const file of files.sort()) hash.update(readFileSync(join(consumer.folder, out, file)));
  return { ...found, files: `${files.length} pictures ${hash.digest('hex').slice(0, 16)}` };
}

/** The server of the packed example, with the headers that threads need; its address. */
async function startServer(): Promise<{ url: string; stop(): void }> {
  const server = spawn(process.execPath, ['node_modules/jetgrad/examples/page/serve.mjs', '0'], {
    cwd: consumer.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await new Promise<Buffer>((hear, fail) => {
    server.stdout.once('data', hear);
    server.once('exit', () => fail(new Error('the server of the example ended')));
  }).then((text) => text.toString().split('\n'))) as [string];
  return { url: new URL('/package.json', line).href, stop: () => server.kill() };
}

async function foundInPage(): Promise<Found> {
  const { url, stop } = await startServer();
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    await tab.goto(url);
    return (await tab.evaluate(`(async () => {
      const jetgrad = await import('/dist/jetgrad.min.js');
      const model = await jetgrad.openModel('/weights/scenes-vgg.json');
      const blob = await (await fetch('/weights/sample.png')).blob();
      const bitmap = await createImageBitmap(blob);
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context.drawImage(bitmap, 0, 0);
      const picture = jetgrad.pictureOf(context.getImageData(0, 0, bitmap.width, bitmap.height));
      return (${hashes})(jetgrad, model, jetgrad.preprocessFor(model, picture).input);
    })()`)) as Found;
  } finally {
    await browser.close();
    stop();
  }
}

const versionOf = (name: string): string => {
  const [command] = runtimes[name]();
  return consumer.run(command, '--version').split('\n')[0].trim();
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : [...Object.keys(runtimes), ...BROWSERS];
let first: Found | undefined;

function compare(title: string, found: Found): void {
  first ??= found;
  const [same] = first.hashes;
  const isSame = found.hashes.every((hash) => hash === same) && (found.files ?? first.files) === first.files;
  const what = `${found.backend}, ${found.threads.join(' and ')} threads, maps ${found.hashes.join(' and ')}`;
  report.check(title, isSame, `${what}${found.files === undefined ? '' : `, ${found.files}`}`);
}

try {
  consumer.write('program.mjs', program);
  for (const name of wanted) {
    await report.guard(name, async () => {
      if (Object.hasOwn(runtimes, name)) compare(`${name} (${versionOf(name)})`, foundBy(name));
      else if (isThere) compare(name, await foundInPage());
      else report.skip(name, `${BROWSER} is not there`);
    });
  }
} finally {
  consumer.remove();
}
report.close();
