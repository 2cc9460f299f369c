import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../src/model/parseModel.ts';
import { type BackendName, setBackend } from '../../src/tensor/kernels/backend.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { close, same, skip } from '../support/check.ts';
import { BROWSER, isThere, launch, visitPage } from './browser.ts';
import { type Folder, type Site, serve } from './serve.ts';

const goldens = ['vgg', 'vggdeep', 'wide', 'resnet', 'gelu', 'silu', 'mobile'];
/** For pages that differ in how they start, not in what computes. */
const one = { goldens: 'wide' };

interface Report {
  readonly isolated: boolean;
  readonly cores: number;
  readonly backend: { readonly name: BackendName; readonly reason?: string };
  /** What `backend()` said before anything was computed. */
  readonly before: Report['backend'];
  readonly threads: number;
  readonly chunks: readonly number[];
  readonly outputs: readonly (readonly number[])[];
  readonly errors: readonly { readonly what: string; readonly error: number }[];
  readonly problems: readonly string[];
}

interface State {
  site: Site;
  browser: Browser;
}

const test = suite<State>('jetgrad/core in a page');

test.before(async (state) => {
  if (!isThere) return;
  state.site = await serve();
  state.browser = await launch();
});

test.after(async ({ browser, site }) => {
  await browser?.close();
  site?.close();
});

/** What the page says, and what its console says besides. */
async function visit(
  { browser, site }: State,
  folder: Folder,
  search: Readonly<Record<string, string>> = {},
): Promise<Report> {
  return visitPage({ browser, site, folder, search: { goldens: goldens.join(','), ...search } });
}

/** The same scores as the page's, for so many pictures, computed here. */
async function scoresHere(name: BackendName): Promise<Float32Array> {
  setBackend(name);
  try {
    const file = fileURLToPath(new URL('../../weights/scenes-vgg.json', import.meta.url));
    const model = parseModel(readFileSync(file, 'utf8'));
    const shape = [2, ...model.inputShape.slice(1)];
    const random = createRandom(5);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal());
    return Object.values(await model.run(fromData(data, shape)))[0].data as Float32Array;
  } finally {
    setBackend('wasm');
  }
}

/** Everything that a page must get right, whatever computes; every run gave the same bits. */
async function checkNumbers(report: Report, networks = goldens.length): Promise<void> {
  assert.equal(report.before, report.backend);
  assert.is(report.errors.length, networks * 12);
  for (const { what, error } of report.errors) assert.ok(error <= 1e-10, `${what}: error ${error}`);
  assert.is(report.outputs.length, 1, 'runs differ');
  same(report.outputs[0], await scoresHere(report.backend.name), 'scores in the page and here');
  close(report.outputs[0], await scoresHere('reference'), { relative: 1e-5 }, 'scores and the reference');
}

const page = (name: string, check: (state: State) => Promise<void>): void => {
  if (isThere) test(name, check);
  else skip(name, `${BROWSER} is not there`);
};

page('an isolated page computes on the threads that it asks for', async (state) => {
  const report = await visit(state, 'isolated', { threads: '3', wait: '' });
  assert.equal([report.isolated, report.backend, report.problems], [true, { name: 'wasm' }, []]);
  assert.is(report.threads, 3);
  assert.is(report.chunks.length, 2);
  assert.ok(
    report.chunks.every((chunks) => chunks > 0),
    `chunks: ${report.chunks}`,
  );
  await checkNumbers(report);
});

page('an isolated page computes on one thread fewer than the machine runs at once', async (state) => {
  const report = await visit(state, 'isolated', { ...one, wait: '' });
  assert.is(report.threads, Math.max(1, Math.min(16, report.cores - 1)));
  await checkNumbers(report, 1);
});

page("threads from the worker file come under default-src 'self' 'wasm-unsafe-eval'", async (state) => {
  const report = await visit(state, 'wasmOnly', { threads: '3', file: '', wait: '' });
  assert.equal([report.isolated, report.backend, report.problems], [true, { name: 'wasm' }, []]);
  assert.is(report.threads, 3);
  assert.ok(
    report.chunks.every((chunks) => chunks > 0),
    `chunks: ${report.chunks}`,
  );
  await checkNumbers(report);
});

page('a policy that forbids workers from blobs leaves one thread, and nothing waits', async (state) => {
  const report = await visit(state, 'wasmOnly', { ...one, threads: '3' });
  assert.equal([report.isolated, report.backend], [true, { name: 'wasm' }]);
  assert.is(report.threads, 1);
  assert.ok(
    report.problems.every((text) => text.includes('blob:')),
    report.problems.join('; '),
  );
  await checkNumbers(report, 1);
});

page('a plain page computes with WebAssembly on one thread', async (state) => {
  const report = await visit(state, 'plain', { threads: '3' });
  assert.equal([report.isolated, report.backend, report.problems], [false, { name: 'wasm' }, []]);
  assert.is(report.threads, 1);
  await checkNumbers(report);
});

page('where a browser refuses shared memory the reference computes and says so', async (state) => {
  const report = await visit(state, 'plain', { ...one, refuse: '' });
  assert.equal(report.problems, []);
  assert.equal(report.backend, {
    name: 'reference',
    reason: 'WebAssembly is not available: no shared memory here',
  });
  await checkNumbers(report, 1);
});

page("under default-src 'self' the reference computes and says so", async (state) => {
  const report = await visit(state, 'strict');
  assert.is(report.backend.name, 'reference');
  assert.match(report.backend.reason ?? '', /WebAssembly is not available: .*Content Security Policy/);
  assert.ok(
    report.problems.every((text) => /WebAssembly/.test(text)),
    report.problems.join('; '),
  );
  await checkNumbers(report);
});

test.run();
