import { InputError } from '../../errors.ts';
import { platform, type WasmMemory, type WasmModule } from './platform.ts';
import type { ThreadMessage } from './thread.ts';
import { threadSource, workerSource } from './threadSource.ts';

/** A thread that can be told things: a web worker or one of Node's, by what both do alike. */
export interface Thread {
  postMessage(message: ThreadMessage): void;
  terminate?(): unknown;
  /** Whether it is sure to come. A page's policy may forbid a worker after it was made, so a worker counts once it has answered. */
  readonly certain?: boolean;
}

/**
 * Starts a thread, undefined where there can be none: a web worker that runs the file `jetgrad/worker`, or whatever runs `source`,
 * a classic script that defines `handle`, and lets `handle` have every message.
 */
export type Spawn = (source: string) => Thread | undefined;

const hasWorkers = (): boolean => platform.crossOriginIsolated === true && platform.Worker !== undefined;

/** A worker without a file of its own; a policy without `worker-src blob:` forbids it. */
function spawnWorker(): Thread | undefined {
  const { Worker } = platform;
  if (!hasWorkers() || Worker === undefined) return undefined;
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  try {
    return new Worker(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

interface Member {
  readonly thread: Thread;
  /** 1 when it is there. */
  readonly answers: Int32Array;
  /** The memories that it knows, and how large they were when it last heard of them. */
  readonly devices: Map<number, number>;
}

/** The most threads that take part in a run, the caller among them; each has scratch space in every memory. */
export const MOST_THREADS = 16;

let spawnThread: Spawn = spawnWorker;
let members: Member[] = [];
let exhausted = false;
let asked: number | undefined;
/** The most threads of the computation whose step this is. */
let bound = MOST_THREADS;

/** How many threads `setThreads` was told; undefined where it was not. */
export const givenThreads = (): number | undefined => asked;

/** How many threads were asked for: one core is left to the page unless set. */
function wantedThreads(): number {
  const cores = platform.navigator?.hardwareConcurrency ?? 1;
  return Math.min(MOST_THREADS, asked ?? Math.max(1, cores - 1));
}

/** The next thread; undefined where there can be none, be it that it cannot be made or that it could not share memory. */
function nextMember(): Member | undefined {
  if (platform.crossOriginIsolated === false) return undefined;
  try {
    const thread = spawnThread(threadSource);
    if (thread === undefined) return undefined;
    const answer = new SharedArrayBuffer(8);
    thread.postMessage({ answer });
    return { thread, answers: new Int32Array(answer), devices: new Map() };
  } catch {
    return undefined;
  }
}

/** Starts the threads that are missing. Nobody waits for them: a thread takes part from when it has come. */
export function startThreads(): void {
  while (!exhausted && members.length + 1 < wantedThreads()) {
    const member = nextMember();
    if (member === undefined) exhausted = true;
    else members.push(member);
  }
}

/**
 * How many threads compute from now on, the caller's among them, 16 at most: one fewer than the machine runs at once unless given, so
 * that a page stays alive, and that is so without a call, too. Results do not depend on it.
 *
 * In a page, threads need cross-origin isolation (the headers `Cross-Origin-Opener-Policy: same-origin` and
 * `Cross-Origin-Embedder-Policy: require-corp`); elsewhere one thread computes. They are workers from a `blob:` URL, unless
 * `spawn` starts them: where the page's policy forbids those, serve the file `jetgrad/worker` and start workers from it. Give
 * the same function each time, since another one sends the threads of the one before away. In Node use `setThreads` of
 * `jetgrad/node`. `setThreads(4, () => new Worker('/jetgrad/worker.js'))` starts workers from a file.
 *
 * Never waits for a thread; those that do not come are done without, and `threadCount` tells.
 * @throws InputError for anything but a whole number of at least 1.
 * @example
 * setThreads(1);
 * threadCount() // 1
 */
export function setThreads(count?: number, spawn: Spawn = spawnThread): void {
  if (count !== undefined && (!Number.isInteger(count) || count < 1)) {
    throw new InputError(`Cannot set the threads: a whole number of at least 1 is wanted, got ${count}`);
  }
  asked = count;
  if (spawn !== spawnThread) {
    for (const { thread } of members) thread.terminate?.();
    spawnThread = spawn;
    members = [];
    exhausted = false;
  }
  startThreads();
}

/**
 * How many threads compute, the caller's among them: those that were asked for and have come. A page's workers take some
 * milliseconds to come, and never do where the page's policy forbids them.
 * @example
 * threadCount() // 1 in a page that is not isolated
 */
export function threadCount(): number {
  const there = members.filter(({ thread, answers }) => thread.certain || Atomics.load(answers, 0) === 1);
  return Math.min(wantedThreads(), 1 + there.length);
}

/** What is computed meanwhile has no more than so many threads; as many as it would have unless given. */
export function atMost<T>(count: number | undefined, compute: () => T): T {
  const before = bound;
  bound = Math.min(before, count ?? before);
  try {
    return compute();
  } finally {
    bound = before;
  }
}

/** Why no thread but the caller's can compute; undefined where others can, or may still come. */
export function whyAlone(): string | undefined {
  if (platform.crossOriginIsolated === false) return 'this page is not cross-origin isolated';
  if (spawnThread === spawnWorker && !hasWorkers()) {
    return 'nothing starts others here, as setThreads of jetgrad/node does in Node';
  }
  startThreads();
  return exhausted && members.length === 0 ? 'no others can be started here' : undefined;
}

/** Calls the other threads into a run. */
export function announce(
  device: {
    readonly id: number;
    readonly module: WasmModule;
    readonly memory: WasmMemory;
    readonly call: number;
  },
  run: number,
): void {
  startThreads();
  const { id, module, memory, call } = device;
  const { byteLength } = memory.buffer;
  members.slice(0, Math.max(1, Math.min(wantedThreads(), bound)) - 1).forEach(({ thread, devices }, i) => {
    // Threads may not notice by themselves that a memory has grown.
    const news = devices.get(id) === byteLength ? {} : { module, memory };
    devices.set(id, byteLength);
    thread.postMessage({ device: id, thread: i + 1, call, run, ...news });
  });
}

/** Lets the threads drop a memory that nobody uses any more. */
export function forgetDevice(id: number): void {
  for (const { thread, devices } of members) if (devices.delete(id)) thread.postMessage({ forget: id });
}
