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

/** A file of the site by its name: made for the tests, or one of theirs. */
function contentOf(name: string, core: string): string | Buffer | undefined {
  const network = /^(\w+)\.model\.json$/.exec(name)?.[1];
  if (network !== undefined) {
    return serializeModel(importOnnx(readFileSync(fixture(`goldens/${network}.onnx`)))).json;
  }
  if (name === 'core.js') return core;
  if (name === 'readme.html') return '<!doctype html><script type="module" src="readme.js"></script>';
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
  close(): void;
}

/** Serves the test page, the core as one module, and the golden networks, under several policies. */
export async function serve(): Promise<Site> {
  const { outputFiles } = await build({
    entryPoints: [join(here, '../../src/core.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const server = createServer((request, response) => {
    const [, folder, name] = /^\/(\w+)\/(?:jetgrad\/)?([\w.-]*)/.exec(request.url ?? '') ?? [];
    const file = name === '' ? 'index.html' : (name ?? '');
    const known = Object.hasOwn(headers, folder ?? '');
    const body = known ? contentOf(file, outputFiles[0].text) : undefined;
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
    close: () => server.close(),
  };
}
