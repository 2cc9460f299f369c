import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Spawn, setThreads as setThreadCount } from '../tensor/kernels/wasm/threads.ts';

const listen = `require('node:worker_threads').parentPort.on('message', handle);`;

/** Threads of Node; they end with the process and do not keep it alive. */
const spawn: Spawn = (source) => {
  const worker = new Worker(source + listen, { eval: true, execArgv: [] });
  worker.unref();
  // A thread that the system refuses is a thread fewer.
  worker.on('error', () => {});
  return {
    certain: true,
    postMessage: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
};

/**
 * How many threads compute from now on, the caller's among them: as many as the machine runs at once unless given, 16 at most.
 * The results do not depend on it. `loadModel` does the same with its option `threads`, and without it keeps what was set.
 * @throws InputError for anything but a whole number of at least 1.
 * @example
 * setThreads(1);
 * threadCount() // 1
 */
export function setThreads(count: number = availableParallelism()): void {
  setThreadCount(count, spawn);
}
