/**
 * Packs the package, installs it beside Vite into an empty folder, and looks at a page that explains a picture: served by Vite while one
 * works on it, built by Vite, bundled by esbuild, and the example of examples/page as it is. No tool may warn. The last line is
 * `N passed, N failed, N skipped`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { BROWSER, isThere, launch } from '../test/web/browser.ts';
import { createReport } from './report.ts';

const VITE = 'vite@^7';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-page-'));
const report = createReport();

const html =
  '<!doctype html><title>page</title><link rel="icon" href="data:,"><pre></pre><canvas></canvas><script type="module" src="/main.ts"></script>';
const main = `
import { grad, mul, tensor } from 'jetgrad/core';
import explainerUrl from 'jetgrad/explainer?url';
import { overlay, pictureOf, toImageData } from 'jetgrad/image';
import { importOnnx } from 'jetgrad/onnx';
import { createExplainer, openModel } from 'jetgrad/page';
const explainer = await createExplainer(explainerUrl, './scenes-vgg.json');
const file = await (await fetch('./sample.png')).blob();
const { label, overlays } = await explainer.explain(file, { samples: 2 });
document.querySelector('canvas')!.getContext('2d')!.putImageData(toImageData(overlays.gradcam), 0, 0);
const model = await openModel('./scenes-vgg.json');
const slope = grad((x) => mul(x, x))(tensor(3)).data[0];
document.querySelector('pre')!.textContent = [label, model.name, slope, typeof importOnnx, typeof overlay, typeof pictureOf].join();
`;
const WANTED = 'hourglass,scenes-vgg,6,function,function,function';

function run(command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

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

const explained = until(`document.querySelector('pre')?.textContent === ${JSON.stringify(WANTED)}`);

const vite = join(folder, 'node_modules/vite/bin/vite.js');

async function install(): Promise<void> {
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'page', private: true, type: 'module' }),
  );
  writeFileSync(join(folder, 'index.html'), html);
  writeFileSync(join(folder, 'main.ts'), main);
  writeFileSync(join(folder, 'vite.config.js'), "export default { build: { target: 'es2022' } };\n");
  mkdirSync(join(folder, 'public'));
  for (const name of ['scenes-vgg.json', 'sample.png']) {
    copyFileSync(join(root, 'weights', name), join(folder, 'public', name));
  }
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, filename), VITE]);
  report.check('install', true, run(process.execPath, [vite, '--version']).trim());
}

async function esbuildEntries(): Promise<void> {
  for (const entry of ['jetgrad', 'jetgrad/core', 'jetgrad/image', 'jetgrad/onnx', 'jetgrad/page']) {
    const stdin = { contents: `export * from '${entry}'`, resolveDir: folder };
    const { warnings } = await build({
      stdin,
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    report.check(`esbuild ${entry}`, warnings.length === 0, `${warnings.length} warnings`);
  }
}

async function inBrowser(browser: Browser): Promise<void> {
  await report.guard('vite, while one works', () =>
    withServer([vite, '--port', '0'], folder, async (url) => {
      const problems = await problemsOf(browser, url, explained);
      report.check('vite, while one works', problems === '', problems || WANTED);
    }),
  );
  await report.guard('vite build', async () => {
    const said = run(process.execPath, [vite, 'build', '--logLevel', 'warn']).trim();
    report.check('vite build', said === '', said || 'no warning');
    await withServer([vite, 'preview', '--port', '0'], folder, async (url) => {
      const problems = await problemsOf(browser, url, explained);
      report.check('the built page', problems === '', problems || WANTED);
    });
  });
  await report.guard('examples/page', () =>
    withServer(['examples/page/serve.mjs', '0'], root, async (url) => {
      const problems = await problemsOf(
        browser,
        url,
        until("document.querySelectorAll('canvas').length === 4"),
      );
      report.check('examples/page', problems === '', problems || 'four maps');
    }),
  );
}

try {
  await report.guard('install', install);
  await report.guard('esbuild', esbuildEntries);
  if (isThere) {
    const browser = await launch();
    await inBrowser(browser).finally(() => browser.close());
  } else report.skip('pages', `${BROWSER} is not there`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report.close();
