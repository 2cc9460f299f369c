/** A worker, for tests. */
import { queueAddress } from '../../../../src/evaluate/queue/queueAddress.ts';
import { openResultStore } from '../../../../src/evaluate/queue/resultStore.ts';
import { runWorker } from '../../../../src/evaluate/queue/runWorker.ts';
import { isStoreAddress, storeAddress } from '../../../../src/evaluate/store/storeAddress.ts';
import { openStoreClient } from '../../../../src/evaluate/store/storeClient.ts';

const [url, folder, lockSeconds, file, ...argv] = process.argv.slice(2);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
try {
  await runWorker({
    address: queueAddress(url),
    store: isStoreAddress(folder)
      ? openStoreClient(storeAddress(folder), { signal: stopping.signal })
      : openResultStore(folder),
    program: { file, argv },
    lockSeconds: Number(lockSeconds),
    signal: stopping.signal,
    onEvent: (event) => {
      if (process.env.WORKER_EVENTS === '1') console.log(JSON.stringify(event));
    },
  });
  process.exit(0);
} catch (error) {
  console.log(JSON.stringify({ kind: 'ended', message: (error as Error).message }));
  process.exit(1);
}
