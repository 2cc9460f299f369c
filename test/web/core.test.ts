import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serializeModel } from '../../src/model/serializeModel.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { fixture, skip } from '../support/check.ts';

const test = suite('jetgrad/core in a page');
const page = fileURLToPath(new URL('.', import.meta.url));
const BROWSER = '/usr/bin/chromium';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

/** Serves the page, the core as plain modules, and one golden network, under a policy that allows nothing else. */
async function serve(): Promise<{ url: string; close: () => void }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/core.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const made: Readonly<Record<string, string>> = {
    '/core.js': outputFiles[0].text,
    '/vgg.model.json': serializeModel(importOnnx(readFileSync(fixture('goldens/vgg.onnx')))).json,
    '/vgg.json': readFileSync(fixture('goldens/vgg.json'), 'utf8'),
  };
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(page, path === '/' ? 'index.html' : path);
    const body = made[path] ?? (existsSync(file) ? readFileSync(file) : undefined);
    response.writeHead(path === '/favicon.ico' ? 204 : body === undefined ? 404 : 200, {
      'Content-Type': types[extname(path === '/' ? 'index.html' : path)] ?? 'text/plain',
      'Content-Security-Policy': "default-src 'self'",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

const name = "one golden agrees to 1e-10 under default-src 'self'";
if (!existsSync(BROWSER)) skip(name, `${BROWSER} is not there`);
else {
  test(name, async () => {
    const server = await serve();
    const browser = await chromium.launch({
      executablePath: BROWSER,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
      ],
    });
    try {
      const tab = await browser.newPage();
      const problems: string[] = [];
      tab.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      tab.on('pageerror', (error) => problems.push(error.message));
      await tab.goto(server.url);
      await tab.waitForSelector('#result[data-done]', { timeout: 30000, state: 'attached' });
      const errors: Record<string, number> = JSON.parse((await tab.textContent('#result')) ?? '{}');
      assert.equal(
        problems.filter((text) => !text.includes('favicon')),
        [],
      );
      assert.is(Object.keys(errors).length, 12);
      for (const [what, error] of Object.entries(errors))
        assert.ok(error <= 1e-10, `${what}: error ${error}`);
    } finally {
      await browser.close();
      server.close();
    }
  });
}

test.run();
