import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DisagreementError,
  openResultStore,
  WorkerEndError,
} from '../../../src/evaluate/queue/resultStore.ts';
import { openContentFolder } from '../../../src/evaluate/store/contentFolder.ts';
import { digestOf } from '../../../src/evaluate/store/protocol.ts';
import { storeAddress } from '../../../src/evaluate/store/storeAddress.ts';
import { openStoreClient } from '../../../src/evaluate/store/storeClient.ts';
import { createStoreServer } from '../../../src/evaluate/store/storeServer.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { limits } from '../../../src/tensor/limits.ts';
import { goldenOf, keysOf, setOf } from '../queue/golden.ts';
import { freePort } from '../queue/redisServer.ts';

const test = suite('a store by HTTP');
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-http-'));
const servers: Server[] = [];
const endAll = () => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
};
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

const listen = (server: Server, port = 0): Promise<string> =>
  new Promise((resolve) => {
    servers.push(server);
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });

/** A store of its own, its server, and clients. */
async function serve(name: string, { token, port = 0 }: { token?: string; port?: number } = {}) {
  const store = openResultStore(join(folder, name));
  const files = openContentFolder(join(folder, name, 'files'));
  const server = createStoreServer({ store, files, token });
  const url = await listen(server, port);
  const client = (own = token, onTrouble?: (message: string) => void) =>
    openStoreClient(storeAddress(url), { token: own, onTrouble });
  return { store, files, url, client };
}

const fails = async (
  promise: Promise<unknown> | unknown,
  kind: new (...args: never[]) => Error,
  words: RegExp,
) => {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, kind, String(error));
    assert.match((error as Error).message, words);
    return;
  }
  assert.unreachable(`${words} is not said`);
};

const [key, other, set] = keysOf(3);

test('results, failures and cancelled sets are those of the folder', async () => {
  const { store, client } = await serve('all');
  const worker = client();
  await worker.greet();
  assert.not(await worker.has(key));
  await worker.put(key, goldenOf(key));
  // Again, as after an answer that was lost.
  await worker.put(key, goldenOf(key));
  assert.ok(await worker.has(key));
  assert.equal(Uint8Array.from(store.read(key) as Uint8Array), goldenOf(key));
  await worker.fail(other, { kind: 'input', message: 'damaged' });
  assert.equal(store.failure(other), { kind: 'input', message: 'damaged' });
  assert.ok(await worker.has(other));
  assert.not(await worker.isCancelled(set));
  store.cancel(set);
  assert.ok(await worker.isCancelled(set));
});

test('other bits for a key are an error on both sides', async () => {
  const { store, client } = await serve('bits');
  await client().put(key, goldenOf(key));
  await fails(client().put(key, goldenOf(other)), DisagreementError, /Results differ: .*a machine is broken/);
  assert.is(store.disagreements().length, 1);
  assert.equal(Uint8Array.from(store.read(key) as Uint8Array), goldenOf(key));
});

async function textOf(pieces: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> {
  if (pieces === undefined) return undefined;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

test('files by their content', async () => {
  const { files, client } = await serve('files');
  const { sha256 } = files.keepBytes(new TextEncoder().encode('a picture'));
  assert.is(await textOf(await client().open(sha256)), 'a picture');
  assert.is(await client().open(set), undefined);
});

test('what breaks off goes on where it broke off', async () => {
  const text = 'abcdefghij';
  const ranges: (string | undefined)[] = [];
  const url = await listen(
    createServer((request, response) => {
      const { range } = request.headers;
      ranges.push(range);
      const start = Number(/\d+/.exec(range ?? '0')?.[0]);
      response.writeHead(range === undefined ? 206 : 206, { 'content-length': text.length - start });
      response.write(text.slice(start, start + 4), () => {
        if (start + 4 < text.length) response.destroy();
        else response.end();
      });
    }),
  );
  const told: string[] = [];
  const client = openStoreClient(storeAddress(url), { onTrouble: (message) => told.push(message) });
  assert.is(await textOf(await client.open(key)), text);
  assert.equal(ranges, [undefined, 'bytes=4-', 'bytes=8-']);
  assert.match(told[0], /does not answer .*: waiting until it does/);
});

test('a server that is gone is waited for, which is said once; what was asked is done then', async () => {
  const port = await freePort();
  const told: string[] = [];
  const client = openStoreClient(storeAddress(`http://127.0.0.1:${port}`), {
    onTrouble: (message) => told.push(message),
  });
  const put = client.put(key, goldenOf(key));
  await setTimeout(1000);
  const { store } = await serve('late', { port });
  await put;
  assert.ok(store.has(key));
  assert.is(told.length, 1);
  assert.match(told[0], /http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\): waiting/);
  endAll();
  await fails(client.greet(), InputError, /ECONNREFUSED; see that jetgrad store runs there/);
});

test('waiting ends with the signal', async () => {
  const ending = new AbortController();
  const address = storeAddress(`http://127.0.0.1:${await freePort()}`);
  const waiting = openStoreClient(address, { signal: ending.signal }).has(key);
  globalThis.setTimeout(() => ending.abort(), 50);
  await fails(waiting, Error, /abort/i);
});

test('another secret is refused, at the beginning and later', async () => {
  const { store, url, client } = await serve('secret', { token: 'secret' });
  await client().greet();
  await client().put(key, goldenOf(key));
  for (const own of ['secrets', 'Secret', '']) {
    const { greet, put, has } = client(own === '' ? 'none' : own);
    await fails(greet(), InputError, /it wants another token; set JETGRAD_STORE_TOKEN/);
    await fails(put(other, goldenOf(other)), WorkerEndError, /it wants another token/);
    await fails(has(key), WorkerEndError, /it wants another token/);
  }
  assert.is((await fetch(`${url}/`)).status, 401);
  assert.not(store.has(other));
});

/** A request as no client of ours makes it: paths and headers as they are. */
const raw = (url: string, path: string, { method = 'GET', headers = {}, body = '' } = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const request = ask({ host, port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });

test('nothing but names of 64 hexadecimal digits is looked for', async () => {
  const { url } = await serve('names');
  writeFileSync(join(folder, 'outside'), 'secret');
  const paths = [
    '/files/../../outside',
    '/files/..%2f..%2foutside',
    `/files/${key}/../../../outside`,
    `/files/${key.toUpperCase()}`,
    `/files/${key}0`,
    `/files/${key}?x`,
    '//etc/passwd',
    `/sets/${key}`,
    '/constructor/',
    `/__proto__/${key}`,
    'http://example.org/',
  ];
  for (const path of paths) assert.is(await raw(url, path), 404, path);
  assert.is(await raw(url, `/files/${key}`), 404);
  assert.is(await raw(url, `/results/${key}`, { method: 'DELETE' }), 405);
  assert.is(await raw(url, `/files/${key}`, { method: 'PUT', body: 'x' }), 405);
  assert.is(await raw(url, `/cancelled/${key}`, { method: 'PUT', body: 'x' }), 405);
});

test('without a secret a name that was made to lead here is refused', async () => {
  const { url } = await serve('names');
  assert.is(await raw(url, '/', { headers: { host: 'evil.example' } }), 403);
  assert.is(await raw(url, '/', { headers: { host: 'localhost:1' } }), 200);
});

test('bodies are bounded, and held against their digest', async () => {
  const { store, url } = await serve('bodies');
  const put = (headers: Record<string, string>, body: string, path = `/results/${key}`) =>
    raw(url, path, { method: 'PUT', headers, body });
  const digest = (body: string) => ({ 'content-digest': digestOf(new TextEncoder().encode(body)) });
  assert.is(await put({}, 'x'), 400);
  assert.is(await put(digest('y'), 'x'), 422);
  const long = { ...digest('x'), 'content-length': String(limits.storedResult.value + 1) };
  assert.is(await raw(url, `/results/${key}`, { method: 'PUT', headers: long }).catch(() => 413), 413);
  const failure = 'x'.repeat(limits.smallJson.value + 1);
  assert.is(await put({ ...digest(failure) }, failure, `/failures/${key}`).catch(() => 413), 413);
  for (const text of ['no JSON', '{}', '{"kind":"other","message":""}', 'null']) {
    assert.is(await put(digest(text), text, `/failures/${key}`), 400, text);
  }
  assert.not(store.has(key));
  assert.is(await put(digest('x'), 'x'), 204);
});

test('a large result is not sent', async () => {
  const { client } = await serve('large');
  const large = new Uint8Array(limits.storedResult.value + 1);
  await fails(client().put(key, large), WorkerEndError, /a result that a store is sent may have/);
});

test('another server is not taken for one', async () => {
  const page = await listen(createServer((_, response) => response.end('<html>')));
  await fails(openStoreClient(storeAddress(page)).greet(), InputError, /it is no jetgrad store/);
  const moved = await listen(
    createServer((_, response) => response.writeHead(301, { location: 'http://127.0.0.1:1/' }).end()),
  );
  await fails(openStoreClient(storeAddress(moved)).greet(), InputError, /it is no jetgrad store/);
  await fails(openStoreClient(storeAddress(moved)).has(key), WorkerEndError, /it answers 301/);
});

test('addresses', () => {
  assert.equal(storeAddress('https://a.example/jet/grad/'), {
    url: 'https://a.example/jet/grad/',
    shown: 'https://a.example/jet/grad',
  });
  for (const text of ['http://', 'http://user:secret@a', 'http://a/?b', 'http://a/#b']) {
    assert.throws(
      () => storeAddress(text),
      (error: Error) => error instanceof InputError && !error.message.includes('secret'),
      text,
    );
  }
  assert.is(setOf('x').length, 64);
});

test.run();
