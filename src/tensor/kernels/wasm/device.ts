import { type Allocator, createAllocator } from './allocator.ts';
import { fromByteText } from './byteText.ts';
import { moduleText } from './module.ts';
import { platform, type WasmMemory, type WasmModule } from './platform.ts';
import { programBytes, resetProgram, type Step, writeProgram } from './steps.ts';
import { announce, forgetDevice, startThreads } from './threads.ts';

/** A memory with the kernels on it. Offsets are bytes; views stay valid when it grows. */
export interface Device extends Allocator {
  readonly id: number;
  float32(offset: number, length: number): Float32Array;
  float64(offset: number, length: number): Float64Array;
  bytes(offset: number, length: number): Uint8Array;
  /** Makes a program of steps, to be run any number of times. */
  compile(steps: readonly Step[]): CompiledProgram;
}

export interface CompiledProgram {
  /** Runs it to its end. */
  run(): void;
  /** Gives its memory back. */
  release(): void;
}

interface Exports {
  run(call: number, maySleep: boolean): void;
}

const PAGE = 65536;
/** What threads are called to: the number of the run, the threads in it, its program, whether one has failed, and how many sleep. */
const CALL_BYTES = 20;
const SMALL_CHUNKS = 2;

let compiled: WasmModule | undefined;

/** @throws where the platform has no WebAssembly with vectors or no shared memory, or a page's policy forbids it. */
export function kernelModule(): WasmModule {
  if (compiled === undefined) {
    new platform.WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    compiled = new platform.WebAssembly.Module(fromByteText(moduleText));
  }
  return compiled;
}

/** Whether this thread may sleep for another; a page's main thread may not. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** A shared memory that can grow to 4 GiB, or as far as the platform allows. */
function createMemory(): WasmMemory {
  let maximum = PAGE;
  for (;;) {
    try {
      return new platform.WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum <= 4096) throw error;
      maximum /= 2;
    }
  }
}

/** A memory that cannot grow as far as it would have to. */
export class MemoryFull extends RangeError {}

const owners = new WeakMap<ArrayBufferLike, Device>();
const dropped = new FinalizationRegistry<number>(forgetDevice);
let devices = 0;

/** The device in whose memory an array lies, if it lies in one. */
export function deviceOf(data: ArrayBufferView): Device | undefined {
  return owners.get(data.buffer);
}

/** A memory of its own with an instance of the kernels. It goes when nothing views it any more. */
export function createDevice(): Device {
  const module = kernelModule();
  const memory = createMemory();
  const instance = new platform.WebAssembly.Instance(module, { env: { memory } });
  const { run } = instance.exports as unknown as Exports;
  const id = devices++;
  const grow = (bytes: number) => {
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
    try {
      if (missing > 0) memory.grow(missing);
    } catch (error) {
      throw new MemoryFull(`WebAssembly has no room for ${bytes} bytes`, { cause: error });
    }
  };
  const allocator = createAllocator(1024, grow);
  const call = allocator.reserve(CALL_BYTES);
  const shared = { id, module, memory, call };
  const sleeps = maySleep();
  const buffer = () => {
    const current = memory.buffer;
    owners.set(current, device);
    return current;
  };
  const device: Device = {
    ...allocator,
    id,
    float32: (offset, length) => new Float32Array(buffer(), offset, length),
    float64: (offset, length) => new Float64Array(buffer(), offset, length),
    bytes: (offset, length) => new Uint8Array(buffer(), offset, length),
    compile(steps) {
      const at = device.reserve(programBytes(steps));
      writeProgram(memory.buffer, at, steps);
      const words = new Int32Array(memory.buffer);
      const worthSharing = steps.some(({ chunks }) => chunks >= SMALL_CHUNKS);
      return {
        run() {
          resetProgram(words, at, steps.length);
          words[call / 4 + 2] = at;
          if (worthSharing) announce(shared, Atomics.load(words, call / 4));
          try {
            run(call, sleeps);
          } catch (error) {
            // Threads in the run leave it too.
            Atomics.store(words, call / 4 + 3, 1);
            throw new Error(`Internal: a kernel stopped: ${String(error)}`, { cause: error });
          }
        },
        release: () => device.release(at),
      };
    },
  };
  dropped.register(device, id);
  startThreads();
  return device;
}
