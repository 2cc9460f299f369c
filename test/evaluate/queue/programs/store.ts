/** A server of a folder of results, for tests. */
import { openResultStore } from '../../../../src/evaluate/queue/resultStore.ts';
import { openContentFolder } from '../../../../src/evaluate/store/contentFolder.ts';
import { createStoreServer } from '../../../../src/evaluate/store/storeServer.ts';

const [folder, port] = process.argv.slice(2);
createStoreServer({ store: openResultStore(folder), files: openContentFolder(folder) }).listen(
  Number(port),
  '127.0.0.1',
  () => console.log('listening'),
);
