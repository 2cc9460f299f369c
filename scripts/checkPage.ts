/**
 * Installs the packed package beside Vite and webpack into an empty folder, and looks at pages that explain a picture: examples/vite, and a
 * page of every entry, while one works on them and built; examples/page as it is. Every entry goes through esbuild and webpack, too. No tool
 * may warn. The last line is `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { BROWSER, isThere, launch } from '../test/web/browser.ts';
import { createConsumer, root } from './consumer.ts';
import { createReport } from './report.ts';

const report = createReport();
const consumer = createConsumer('page', 'vite@^8', 'webpack@^5');
const { folder } = consumer;
const sample = join(root, 'weights/sample.png');

const html = (file: string, body: string) =>
  `<!doctype html><title>page</title><link rel="icon" href="data:,">${body}<script type="module" src="/${file}"></script>`;
const entries = `
import { grad, mul, tensor } from 'jetgrad/core';
import explainerUrl from 'jetgrad/explainer?url';
import { overlay, pictureOf, toImageData } from 'jetgrad/image';
import { importOnnx } from 'jetgrad/onnx';
import { createExplainer, openModel } from 'jetgrad/page';
import modelUrl from 'jetgrad/weights/scenes-vgg.json?url';
const explainer = await createExplainer(explainerUrl, modelUrl);
const file = await (await fetch('./sample.png')).blob();
const { label, overlays } = await explainer.explain(file, { samples: 2 });
document.querySelector('canvas')!.getContext('2d')!.putImageData(toImageData(overlays.gradcam), 0, 0);
const model = await openModel(modelUrl);
const slope = grad((x) => mul(x, x))(tensor(3)).data[0];
document.querySelector('pre')!.textContent = [label, model.name, slope, typeof importOnnx, typeof overlay, typeof pictureOf].join();
`;
const WANTED = 'hourglass,scenes-vgg,6,function,function,function';

/** Builds the page of every entry, where `vite build` alone builds the example. */
const config = `export default { build: { outDir: 'dist-entries', rollupOptions: { input: 'entries.html' } } };`;

/** Prints what webpack says of a file, for a page or for Node. */
const bundle = `
import webpack from 'webpack';
const [entry, target] = process.argv.slice(2);
const output = { path: import.meta.dirname + '/dist-webpack' };
webpack({ mode: 'production', context: import.meta.dirname, entry, target, output, performance: { hints: false } }, (error, stats) => {
  const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? { errors: [error], warnings: [] };
  console.log(JSON.stringify([...errors, ...warnings].map(({ message }) => message)));
});
`;

/** Starts a server, and does something with the address that it says. */
async function withServer<T>(
  args: readonly string[],
  cwd: string,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = spawn(process.execPath, [...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  try {
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += text;
        const [found] = /http:\S+:\d+\S*/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      server.stdout.on('data', hear);
      server.stderr.on('data', hear);
      server.on('exit', () => reject(new Error(`the server ended: ${said}`)));
    });
    return await use(url);
  } finally {
    server.kill();
  }
}

/** What a page says is wrong while `wait` waits for it. */
async function problemsOf(browser: Browser, url: string, wait: (tab: Page) => Promise<unknown>) {
  const tab = await browser.newPage();
  const problems: string[] = [];
  tab.on('console', (message) => /error|warning/.test(message.type()) && problems.push(message.text()));
  tab.on('pageerror', (error) => problems.push(error.message));
  await tab.goto(url);
  await wait(tab).catch((error: Error) => problems.push(error.message));
  await tab.close();
  return problems.join('; ');
}

/** Waits until an expression is true in the page. */
const until = (expression: string) => (tab: Page) =>
  tab.waitForFunction(expression, undefined, { timeout: 30000 });

/** Gives the example a picture, once it listens, and waits for the class and a map that is not empty. */
async function upload(tab: Page): Promise<void> {
  await until("document.querySelector('input').onchange !== null")(tab);
  await tab.setInputFiles('input', sample);
  await until("document.querySelector('p').textContent === 'hourglass'")(tab);
  await until(`(() => {
    const canvas = document.querySelector('canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return canvas.width === 480 && data.some((value, i) => value !== data[i % 4]);
  })()`)(tab);
}

const explained = until(`document.querySelector('pre')?.textContent === ${JSON.stringify(WANTED)}`);

const vite = join(folder, 'node_modules/vite/bin/vite.js');

function writePages(): void {
  for (const name of ['index.html', 'main.js']) {
    copyFileSync(join(root, 'examples/vite', name), join(folder, name));
  }
  consumer.write('entries.html', html('entries.ts', '<pre></pre><canvas></canvas>'));
  consumer.write('entries.ts', entries);
  consumer.write('entries.config.js', config);
  consumer.write('webpack.mjs', bundle);
  mkdirSync(join(folder, 'public'));
  copyFileSync(sample, join(folder, 'public/sample.png'));
  report.check('install', true, consumer.run(process.execPath, vite, '--version').trim());
}

async function bundleEntries(): Promise<void> {
  for (const entry of [
    'jetgrad',
    'jetgrad/core',
    'jetgrad/image',
    'jetgrad/onnx',
    'jetgrad/page',
    'jetgrad/node',
  ]) {
    const isNode = entry === 'jetgrad/node';
    const contents = `import * as all from '${entry}'; console.log(all);`;
    const { warnings } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      platform: isNode ? 'node' : 'browser',
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    report.check(`esbuild ${entry}`, warnings.length === 0, `${warnings.length} warnings`);
    consumer.write('entry.js', contents);
    const said = JSON.parse(
      consumer.run(process.execPath, 'webpack.mjs', './entry.js', isNode ? 'node20' : 'web'),
    ) as string[];
    report.check(`webpack ${entry}`, said.length === 0, said.join('; ') || 'no warning');
  }
}

/** Bytes of what a browser loads of a built page, as they are and compressed; of its script, and of the worker and the network. */
function bytesOf(place: string): string {
  const files = readdirSync(join(folder, place, 'assets'));
  const figures = files.map((file) => {
    const path = join(folder, place, 'assets', file);
    const packed = gzipSync(readFileSync(path), { level: 9 }).length;
    return `${file.replace(/-[\w-]{8}\./, '.')} ${(statSync(path).size / 1000).toFixed(1)} kB (${(packed / 1000).toFixed(1)} kB gzip)`;
  });
  return figures.join(', ');
}

/** A page while one works on it, and built. */
async function lookAt(
  browser: Browser,
  {
    name,
    page,
    wait,
    flags,
    place,
  }: {
    name: string;
    page: string;
    wait: (tab: Page) => Promise<unknown>;
    flags: string[];
    place: string;
  },
): Promise<void> {
  await report.guard(`${name}, while one works`, () =>
    withServer([vite, '--port', '0'], folder, async (url) => {
      const problems = await problemsOf(browser, new URL(page, url).href, wait);
      report.check(`${name}, while one works`, problems === '', problems || 'explains');
    }),
  );
  await report.guard(`${name}, built`, async () => {
    const said = consumer.run(process.execPath, vite, 'build', '--logLevel', 'warn', ...flags).trim();
    report.check(`${name}, vite build`, said === '', said || bytesOf(place));
    await withServer([vite, 'preview', '--port', '0', '--outDir', place], folder, async (url) => {
      const problems = await problemsOf(browser, new URL(page, url).href, wait);
      report.check(`${name}, built`, problems === '', problems || 'explains');
    });
  });
}

async function inBrowser(browser: Browser): Promise<void> {
  await lookAt(browser, { name: 'examples/vite', page: '/', wait: upload, flags: [], place: 'dist' });
  const flags = ['--config', 'entries.config.js'];
  const page = '/entries.html';
  await lookAt(browser, { name: 'every entry', page, wait: explained, flags, place: 'dist-entries' });
  await report.guard('examples/page', () =>
    withServer(['examples/page/serve.mjs', '0'], root, async (url) => {
      const four = until("document.querySelectorAll('canvas').length === 4");
      const problems = await problemsOf(browser, url, four);
      report.check('examples/page', problems === '', problems || 'four maps');
    }),
  );
}

try {
  await report.guard('pages', writePages);
  await report.guard('bundlers', bundleEntries);
  if (isThere) {
    const browser = await launch();
    await inBrowser(browser).finally(() => browser.close());
  } else report.skip('pages', `${BROWSER} is not there`);
} finally {
  consumer.remove();
}
report.close();
