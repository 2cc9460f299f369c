import { setThreads } from '../../src/node/setThreads.ts';
import { type BackendName, backend, setBackend } from '../../src/tensor/kernels/backend.ts';
import { threadCount } from '../../src/tensor/kernels/wasm/threads.ts';

/** What computes, and on how many threads. */
export interface Engine {
  readonly name: string;
  readonly backend: BackendName;
  readonly threads: number;
}

const wasm = (threads: number): Engine => ({
  name: `wasm, ${threads} thread${threads > 1 ? 's' : ''}`,
  backend: 'wasm',
  threads,
});

/** Three threads are more than some machines run at once: some come late to a run or not at all. */
export const wasmEngines: readonly Engine[] = [wasm(1), wasm(2), wasm(3)];

export const engines: readonly Engine[] = [
  { name: 'reference', backend: 'reference', threads: 1 },
  ...wasmEngines,
];

/** Computes on an engine, and leaves everything as it was. */
export async function onEngine<T>(engine: Engine, use: () => T | Promise<T>): Promise<T> {
  const before = { backend: backend().name, threads: threadCount() };
  setBackend(engine.backend);
  setThreads(engine.threads);
  try {
    return await use();
  } finally {
    setBackend(before.backend);
    setThreads(before.threads);
  }
}
