import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { serializeModel } from '../../src/model/file/serializeModel.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { workerSource } from '../../src/tensor/kernels/wasm/threadSource.ts';
import { fixture } from '../support/check.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
};

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The headers of every file below a folder of this name. */
const headers = {
  plain: {},
  isolated: isolation,
  strict: { 'Content-Security-Policy': "default-src 'self'" },
  wasmOnly: { ...isolation, 'Content-Security-Policy': "default-src 'self' 'wasm-unsafe-eval'" },
} as const;

export type Folder = keyof typeof headers;

/** Scripts of the package that the site has, bundled. */
type Scripts = Readonly<Record<string, string>>;

/** A file of the site by its name: made for the tests, or one of theirs. */
function contentOf(name: string, scripts: Scripts): string | Buffer | undefined {
  const network = /^(\w+)\.model\.json$/.exec(name)?.[1];
  if (network !== undefined) {
    return serializeModel(importOnnx(readFileSync(fixture(`goldens/${network}.onnx`)))).json;
  }
  if (Object.hasOwn(scripts, name)) return scripts[name];
  if (name === 'readme.html') {
    return '<!doctype html><body><script type="module" src="readme.js"></script>';
  }
  if (name === 'readme.js') {
    return /```javascript\n(.*?)```/s.exec(readFileSync(join(here, '../../README.md'), 'utf8'))?.[1];
  }
  if (name === 'worker.js') return workerSource;
  const places = [join(here, name), fixture(`goldens/${name}`), join(here, '../../weights', name)];
  const place = places.find((each) => existsSync(each));
  return place && readFileSync(place);
}

export interface Site {
  address(folder: Folder, file?: string): string;
  /** How often a file was asked for. */
  hits(file: string): number;
  close(): void;
}

const entries = {
  'core.js': 'core.ts',
  'image.js': 'image/index.ts',
  'jetgradPage.js': 'page/index.ts',
  'jetgrad.min.js': 'oneFile.ts',
};

async function bundle(file: string, format: 'esm' | 'iife' = 'esm'): Promise<string> {
  const entryPoints = [join(here, '../../src', file)];
  const { outputFiles } = await build({ entryPoints, bundle: true, format, write: false });
  return outputFiles[0].text;
}

async function bundles(): Promise<Scripts> {
  const modules = Object.entries(entries).map(async ([name, file]) => [name, await bundle(file)] as const);
  return Object.fromEntries([
    ...(await Promise.all(modules)),
    ['explainer.js', await bundle('page/explainer.ts', 'iife')],
  ]);
}

/** Serves the test pages, the entries as one module each, the scripts of workers, and the golden networks, under several policies. */
export async function serve(): Promise<Site> {
  const scripts = await bundles();
  const hits = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, folder, name] = /^\/(\w+)\/(?:jetgrad\/)?([\w.-]*)/.exec(request.url ?? '') ?? [];
    const file = name === '' ? 'index.html' : (name ?? '');
    hits.set(file, 1 + (hits.get(file) ?? 0));
    const known = Object.hasOwn(headers, folder ?? '');
    const body = known ? contentOf(file, scripts) : undefined;
    response.writeHead(request.url === '/favicon.ico' ? 204 : body === undefined ? 404 : 200, {
      'Content-Type': types[extname(file)] ?? 'text/plain',
      ...(known && headers[folder as Folder]),
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: (folder, file = '') => `${origin}/${folder}/${file}`,
    hits: (file) => hits.get(file) ?? 0,
    close: () => server.close(),
  };
}
