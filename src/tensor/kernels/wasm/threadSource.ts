import type { WasmMemory, WasmModule } from './platform.ts';

/** A call to join a run in a memory that the thread may not know yet. */
export interface Announcement {
  readonly device: number;
  readonly thread: number;
  /** Where the memory holds what threads are called to, and the number of the run. */
  readonly call: number;
  readonly run: number;
  readonly module?: WasmModule;
  readonly memory?: WasmMemory;
}

/** What a thread is told: where to answer that it is there, to join a run, or to forget a memory. */
export type ThreadMessage =
  | { readonly answer: SharedArrayBuffer }
  | Announcement
  | { readonly forget: number };

/**
 * What every thread runs: say that it is there, then join the announced runs in the memory's own instance of the module. The answer
 * is two numbers, 1 and how many chunks the thread has taken. The caller tells of a failure.
 */
export const threadSource = `
const devices = new Map();
let answers;
const handle = ({ answer, device, thread, call, run, module, memory, forget }) => {
  if (answer) {
    answers = new Int32Array(answer);
    return Atomics.store(answers, 0, 1);
  }
  if (forget !== undefined) return devices.delete(forget);
  if (memory) {
    const words = new Int32Array(memory.buffer);
    devices.set(device, { words, join: new WebAssembly.Instance(module, { env: { memory } }).exports.join });
  }
  const { words, join } = devices.get(device);
  try {
    Atomics.add(answers, 1, join(call, run, thread));
  } catch {
    Atomics.store(words, call / 4 + 3, 1);
  }
};
`;

/** The whole script of a web worker; the file `jetgrad/worker` is this. */
export const workerSource = `${threadSource}globalThis.onmessage = (event) => handle(event.data);\n`;
