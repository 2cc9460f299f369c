import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import { loadPicture } from '../../src/node/pictures/pictureFiles.ts';
import type { Backend } from '../../src/tensor/kernels/backend.ts';
import { same, skip } from '../support/check.ts';
import { BROWSER, isThere, launch, visitPage } from './browser.ts';
import { type Folder, type Site, serve } from './serve.ts';

interface Report {
  readonly error?: string;
  readonly isolated: boolean;
  readonly backend: Backend;
  readonly label: string;
  readonly sums: readonly number[];
  readonly again: boolean;
  readonly overlay: readonly unknown[];
  readonly parts: readonly (readonly string[])[];
  readonly share: number;
  readonly frames: number;
  readonly aborted: string;
  readonly notDecoded: string;
  readonly noModel: string;
  readonly noWorker: string;
  readonly layers: number;
}

interface State {
  site: Site;
  browser: Browser;
}

const test = suite<State>('jetgrad/page in a page');

test.before(async (state) => {
  if (!isThere) return;
  state.site = await serve();
  state.browser = await launch();
});

test.after(async ({ browser, site }) => {
  await browser?.close();
  site?.close();
});

/** The same maps' sums and label, computed here. */
async function foundHere() {
  const weights = (name: string) => fileURLToPath(new URL(`../../weights/${name}`, import.meta.url));
  const model = await loadModel(weights('scenes-vgg.json'));
  const picture = await loadPicture(weights('sample.png'));
  const methods = ['gradcam', 'smoothgradcam++', 'smoothgrad'] as const;
  const { maps, label } = await explain(model, preprocessFor(model, picture).input, { methods, samples: 8 });
  return {
    label,
    maps,
    sums: methods.map((name) => Array.from(maps[name].raw.data).reduce((a, b) => a + b)),
  };
}

async function visit(
  { browser, site }: State,
  folder: Folder,
  search: Readonly<Record<string, string>> = {},
) {
  const report = await visitPage<Report>({ browser, site, folder, file: 'explainer.html', search });
  assert.is(report.error, undefined);
  return report;
}

/** Everything that an explainer must do, whatever the page allows. */
async function checkReport(report: Report): Promise<void> {
  const here = await foundHere();
  assert.is(report.label, here.label);
  same(report.sums, here.sums, 'sums of maps in the page and here');
  assert.ok(report.again, 'a bitmap and its file differ');
  assert.equal(report.overlay, ['ImageData', 96, 96]);
  assert.equal(report.parts, [['gradcam'], ['smoothgradcam++', 'smoothgrad']]);
  assert.is(report.share, 1);
  assert.ok(report.frames > 0, 'no frame while the worker computed');
  assert.match(report.aborted, /^AbortError/);
  assert.match(report.notDecoded, /^InputError: .*no picture that this browser can decode/);
  assert.match(report.noModel, /^InputError: Cannot read index\.html: it is a web page/);
  assert.match(report.noWorker, /^Error: .*its script did not load/);
  assert.ok(report.layers > 0);
}

const page = (name: string, check: (state: State) => Promise<void>): void => {
  if (isThere) test(name, check);
  else skip(name, `${BROWSER} is not there`);
};

page("threads of its own come under default-src 'self' 'wasm-unsafe-eval'", async (state) => {
  const before = state.site.hits('explainer.js');
  const report = await visit(state, 'wasmOnly', { threads: '3' });
  assert.equal([report.isolated, report.backend], [true, { name: 'wasm' }]);
  // The worker, its two threads, and the worker that finds no model.
  assert.ok(state.site.hits('explainer.js') - before >= 4, 'no threads');
  await checkReport(report);
});

page('a page that is not isolated gets one thread and the same bits', async (state) => {
  const report = await visit(state, 'plain', { threads: '3' });
  assert.equal([report.isolated, report.backend], [false, { name: 'wasm' }]);
  await checkReport(report);
});

page('the page of the README explains', async ({ browser, site }) => {
  const tab = await browser.newPage();
  const said = tab.waitForEvent('console', { timeout: 30000 });
  await tab.goto(site.address('wasmOnly', 'readme.html'));
  const message = await said;
  assert.is(message.type(), 'log', message.text());
  const [label, map, computes] = await Promise.all(message.args().map((each) => each.jsonValue()));
  const here = await foundHere();
  assert.is(label, here.label);
  same(Object.values(map), here.maps.gradcam.raw.data);
  assert.equal(computes, { name: 'wasm' });
  assert.equal([await tab.title(), await tab.locator('canvas').count()], ['100 %', 1]);
  await tab.close();
});

test.run();
