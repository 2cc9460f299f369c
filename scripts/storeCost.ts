/**
 * What a store costs that is served by HTTP, beside a folder that is shared: `npm run store:cost -- [--pictures 200] [--bytes 100000] [--workers 2]`.
 * Each worker has a cache of its own, and does for each of its pictures all that a worker does but compute: it asks whether it is settled or cancelled, gets
 * the picture by its content, and puts a result. Prints requests, bytes and milliseconds for a picture.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openResultStore } from '../src/evaluate/queue/resultStore.ts';
import type { Content } from '../src/evaluate/store/content.ts';
import { type FileSource, openContentFolder } from '../src/evaluate/store/contentFolder.ts';
import { openFileCache } from '../src/evaluate/store/fileCache.ts';
import { storeAddress } from '../src/evaluate/store/storeAddress.ts';
import { openStoreClient } from '../src/evaluate/store/storeClient.ts';
import { createStoreServer } from '../src/evaluate/store/storeServer.ts';
import type { WorkerStore } from '../src/evaluate/store/workerStore.ts';
import { createRandom } from '../src/tensor/random.ts';
import { keysOf } from '../test/evaluate/queue/golden.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '200' },
    bytes: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '2' },
  },
});
const [pictures, bytes, workers] = [values.pictures, values.bytes, values.workers].map(Number);
const RESULT = 20_000; // bytes of a result of four methods
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-cost-'));
const random = createRandom(1);
const drawn = (length: number) => Uint8Array.from({ length }, () => random.integer(256));
const result = drawn(RESULT);

/** Milliseconds for a picture: that pass where workers share what is to be done, and of a processor. */
async function settleAll(
  name: string,
  { files, open }: { files: readonly Content[]; open(): { store: WorkerStore; source: FileSource } },
): Promise<string> {
  const keys = keysOf(files.length, name);
  let next = 0;
  async function work(place: number): Promise<void> {
    const { store, source } = open();
    const cache = openFileCache(join(folder, `${name}-${place}`), source);
    for (let i = next++; i < files.length; i = next++) {
      if ((await store.has(keys[i])) || (await store.isCancelled(keys[0]))) continue;
      await cache.read(files[i]);
      await store.put(keys[i], result);
    }
  }
  const started = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: workers }, (_, place) => work(place)));
  const passed = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const each = (milliseconds: number) => (milliseconds / files.length).toFixed(2);
  return `${each(passed)} ms for a picture, ${each((user + system) / 1000)} ms of a processor`;
}

try {
  const store = openResultStore(join(folder, 'results'));
  const source = openContentFolder(join(folder, 'results/files'));
  const files = Array.from({ length: pictures }, () => source.keepBytes(drawn(bytes)));
  const server = createStoreServer({ store, files: source });
  let requests = 0;
  const sockets: Socket[] = [];
  server.on('request', () => requests++);
  server.on('connection', (socket) => sockets.push(socket));
  const bytesOf = (way: 'bytesRead' | 'bytesWritten') =>
    sockets.reduce((sum, socket) => sum + socket[way], 0);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const byFolder = () => ({ store, source });
  const byHttp = () => {
    const client = openStoreClient(storeAddress(url));
    return { store: client, source: client };
  };
  await settleAll('warm', { files: files.slice(0, 20), open: byHttp });
  const shared = await settleAll('folder', { files, open: byFolder });
  requests = 0;
  const [read, written] = [bytesOf('bytesRead'), bytesOf('bytesWritten')];
  const served = await settleAll('http', { files, open: byHttp });
  const each = (total: number) => Math.round(total / pictures);
  const sent = each(bytesOf('bytesWritten') - written);
  const got = each(bytesOf('bytesRead') - read);
  console.log(`${pictures} pictures of ${bytes} bytes, results of ${RESULT}, ${workers} workers`);
  console.log(`requests: ${requests}, ${(requests / pictures).toFixed(2)} for a picture`);
  console.log(`bytes for a picture: ${sent} from the server, ${got} to it`);
  console.log(`folder: ${shared}; by HTTP, server included: ${served}`);
  server.closeAllConnections();
  server.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
