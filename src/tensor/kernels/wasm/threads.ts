import { InputError } from '../../errors.ts';
import { platform, type WasmMemory, type WasmModule } from './platform.ts';

/** What a thread is told: to join a run in a memory that it may not know yet, or to forget a memory. */
export interface Announcement {
  readonly device: number;
  readonly thread: number;
  /** Where the memory holds what threads are called to, and the number of the run. */
  readonly call: number;
  readonly run: number;
  readonly module?: WasmModule;
  readonly memory?: WasmMemory;
}

/** A thread that can be told things: a web worker or one of Node's, by the one thing that both do alike. */
export interface Thread {
  postMessage(message: Announcement | { readonly forget: number }): void;
}

/**
 * Starts a thread that runs `source`, a classic script that defines `handle`, and lets `handle` have every message;
 * undefined where there can be none.
 */
export type Spawn = (source: string) => Thread | undefined;

/** What every thread runs: join the announced run in the memory's own instance of the module. The caller tells of a failure. */
const threadSource = `
const devices = new Map();
const handle = ({ device, thread, call, run, module, memory, forget }) => {
  if (forget !== undefined) return devices.delete(forget);
  if (memory) {
    const words = new Int32Array(memory.buffer);
    devices.set(device, { words, join: new WebAssembly.Instance(module, { env: { memory } }).exports.join });
  }
  const { words, join } = devices.get(device);
  try {
    join(call, run, thread);
  } catch {
    Atomics.store(words, call / 4 + 3, 1);
  }
};
`;

/** Threads in a page: only an isolated one may share memory with workers. */
function spawnWorker(source: string): Thread | undefined {
  const { Worker } = platform;
  if (!platform.crossOriginIsolated || Worker === undefined) return undefined;
  const url = URL.createObjectURL(
    new Blob([`${source}onmessage = (event) => handle(event.data);`], { type: 'text/javascript' }),
  );
  try {
    return new Worker(url);
  } catch {
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Threads that were started in one way. */
interface Pool {
  readonly spawn: Spawn;
  /** Each with the memories that it knows, and how large they were when it last heard of them. */
  readonly threads: { readonly thread: Thread; readonly devices: Map<number, number> }[];
  exhausted: boolean;
}

/** The most threads that take part in a run, the caller among them; each has scratch space in every memory. */
export const MOST_THREADS = 16;

const pools = new Map<Spawn, Pool>();
let pool = poolOf(spawnWorker);
let wantedThreads = 1;

function poolOf(spawn: Spawn): Pool {
  const own = pools.get(spawn) ?? { spawn, threads: [], exhausted: false };
  pools.set(spawn, own);
  return own;
}

/**
 * How many threads compute from now on, the caller's among them, 16 at most. Results do not depend on it.
 * `spawn` starts a thread; unless given, a web worker in a cross-origin-isolated page. Elsewhere one thread computes.
 * @throws InputError for anything but a whole number of at least 1.
 */
export function setThreads(count: number, spawn?: Spawn): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new InputError(`Cannot set the threads: a whole number of at least 1 is wanted, got ${count}`);
  }
  wantedThreads = Math.min(MOST_THREADS, count);
  if (spawn !== undefined) pool = poolOf(spawn);
}

/** How many threads compute, the caller's among them, as far as they could be started. */
export function threadCount(): number {
  return Math.min(wantedThreads, pool.exhausted ? pool.threads.length + 1 : MOST_THREADS);
}

/** Calls the other threads into a run. */
export function announce(
  device: {
    readonly id: number;
    readonly module: WasmModule;
    readonly memory: WasmMemory;
    readonly call: number;
  },
  { run, most = MOST_THREADS }: { run: number; most?: number | undefined },
): void {
  const wanted = Math.min(wantedThreads, most);
  while (pool.threads.length + 1 < wanted && !pool.exhausted) {
    const thread = pool.spawn(threadSource);
    if (thread === undefined) pool.exhausted = true;
    else pool.threads.push({ thread, devices: new Map() });
  }
  const { id, module, memory, call } = device;
  const { byteLength } = memory.buffer;
  pool.threads.slice(0, wanted - 1).forEach(({ thread, devices }, i) => {
    // Threads may not notice by themselves that a memory has grown.
    const news = devices.get(id) === byteLength ? {} : { module, memory };
    devices.set(id, byteLength);
    thread.postMessage({ device: id, thread: i + 1, call, run, ...news });
  });
}

/** Lets the threads drop a memory that nobody uses any more. */
export function forgetDevice(id: number): void {
  for (const { threads } of pools.values()) {
    for (const { thread, devices } of threads) if (devices.delete(id)) thread.postMessage({ forget: id });
  }
}
