import { statSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openResultStore } from '../../evaluate/queue/resultStore.ts';
import { openContentFolder } from '../../evaluate/store/contentFolder.ts';
import { TOKEN, tokenOf } from '../../evaluate/store/protocol.ts';
import { createStoreServer, isLoopback } from '../../evaluate/store/storeServer.ts';
import { InputError } from '../../tensor/errors.ts';
import { filesIn, resultsIn } from '../evaluate/openWork.ts';
import type { Io } from '../shared/io.ts';

/** The flags of `store`, read. */
export interface StoreFlags {
  readonly host: string;
  readonly port: number;
  readonly quiet?: boolean;
}

/** Why an address cannot be listened on, by the system's code for it. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; give another --port',
  EACCES: 'this user may not listen there; give a --port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address; give one of its own by --host',
  ENOTFOUND: 'there is no such host',
};

/** Listens; the address, as workers give it. @throws InputError where it cannot. */
function listen(server: Server, { host, port }: StoreFlags): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      reject(new InputError(`Cannot listen on ${host}:${port}: ${reasons[code] ?? message}`));
    });
    server.listen(port, host, () => {
      const { port: own } = server.address() as AddressInfo;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${own}`);
    });
  });
}

/** Resolves when a server has ended, which begins with the signal. */
function ended(server: Server, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
  });
}

function checkFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  const why = found === undefined ? 'there is no such folder' : 'it is a file';
  throw new InputError(
    `Cannot serve ${folder}: ${why}; give that of evaluate --out, and make it if nothing was evaluated yet`,
  );
}

/** `jetgrad store`: a folder of results for workers of other machines, until it is interrupted. */
export async function runStore(folder: string, flags: StoreFlags, io: Io): Promise<void> {
  const token = tokenOf(process.env);
  if (token === undefined && !isLoopback(flags.host)) {
    throw new InputError(
      `Cannot listen on ${flags.host}: others would reach it; set ${TOKEN} to a secret that its workers are given, too`,
    );
  }
  checkFolder(folder);
  const server = createStoreServer({
    store: openResultStore(resultsIn(folder)),
    files: openContentFolder(filesIn(folder)),
    token,
    onTrouble: (message) => io.warn(message),
  });
  const address = await listen(server, flags);
  io.print(`${address} has ${folder}`);
  await ended(server, io.signal);
  io.signal?.throwIfAborted();
}
