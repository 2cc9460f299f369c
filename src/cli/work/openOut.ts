import { openResultStore } from '../../evaluate/queue/resultStore.ts';
import { type FileSource, openContentFolder } from '../../evaluate/store/contentFolder.ts';
import { tokenOf } from '../../evaluate/store/protocol.ts';
import { isStoreAddress, storeAddress } from '../../evaluate/store/storeAddress.ts';
import { openStoreClient, type StoreClient } from '../../evaluate/store/storeClient.ts';
import type { WorkerStore } from '../../evaluate/store/workerStore.ts';
import { filesIn, resultsIn } from '../evaluate/openWork.ts';
import type { Io } from '../shared/io.ts';

type Tools = Pick<Io, 'warn' | 'signal'>;

const clientOf = (out: string, { warn, signal }: Tools): StoreClient =>
  openStoreClient(storeAddress(out), { token: tokenOf(process.env), signal, onTrouble: warn });

/** Where workers put results: the folder, or the server that has it. @throws InputError where there is no such server. */
export async function openOut(out: string, tools: Tools): Promise<WorkerStore> {
  if (!isStoreAddress(out)) return openResultStore(resultsIn(out));
  const client = clientOf(out, tools);
  await client.greet();
  return client;
}

/** Where they get the files of sets. */
export const openFiles = (out: string, tools: Tools): FileSource =>
  isStoreAddress(out) ? clientOf(out, tools) : openContentFolder(filesIn(out));
