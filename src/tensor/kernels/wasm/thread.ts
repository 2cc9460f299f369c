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

/** What is known of a memory: its numbers, and how to join a run in it. */
interface Known {
  readonly words: Int32Array;
  join(call: number, run: number, thread: number): number;
}

/** The constructor of instances, which the language's types do not have. */
interface Wasm {
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: unknown };
}

/**
 * What every thread does with what it is told: say that it is there, then join the announced runs in the memory's own instance of the
 * module. The answer is two numbers, 1 and how many chunks the thread has taken. The caller tells of a failure.
 * `npm run kernels` writes it as text, too, so it uses nothing from outside.
 */
export function createThread(): (message: ThreadMessage) => void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: Wasm };
  const memories = new Map<number, Known>();
  let answers: Int32Array | undefined;
  return (message) => {
    if ('answer' in message) {
      answers = new Int32Array(message.answer);
      Atomics.store(answers, 0, 1);
      return;
    }
    if ('forget' in message) {
      memories.delete(message.forget);
      return;
    }
    const { device, thread, call, run, module, memory } = message;
    if (module && memory) {
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      const { join } = exports as Pick<Known, 'join'>;
      memories.set(device, { words: new Int32Array(memory.buffer), join });
    }
    const { words, join } = memories.get(device) as Known;
    try {
      const taken = join(call, run, thread);
      if (answers) Atomics.add(answers, 1, taken);
    } catch {
      Atomics.store(words, call / 4 + 3, 1);
    }
  };
}
