import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setThreads as setNodeThreads } from '../../../../src/node/setThreads.ts';
import { createDevice, type Device } from '../../../../src/tensor/kernels/wasm/device.ts';
import { platform } from '../../../../src/tensor/kernels/wasm/platform.ts';
import { type Step, step } from '../../../../src/tensor/kernels/wasm/steps.ts';
import type { ThreadMessage } from '../../../../src/tensor/kernels/wasm/thread.ts';
import { threadSource } from '../../../../src/tensor/kernels/wasm/threadSource.ts';
import {
  atMost,
  forgetDevice,
  MOST_THREADS,
  type Spawn,
  setThreads,
  threadCount,
} from '../../../../src/tensor/kernels/wasm/threads.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { same } from '../../../support/check.ts';
import { pixelwise } from '../../../support/pixelwise.ts';

const test = suite('threads');
const random = createRandom(11);

type Message = Exclude<ThreadMessage, { readonly answer: SharedArrayBuffer }>;
type Join = (call: number, run: number, thread: number) => void;

/** Threads that are there, and only note what they are told. */
function notingThreads(most: number): { spawn: Spawn; heard: Message[]; started: () => number } {
  const heard: Message[] = [];
  let started = 0;
  const spawn: Spawn = () => {
    if (started === most) return undefined;
    started++;
    return {
      certain: true,
      postMessage: (message) => void ('answer' in message || heard.push(message)),
    };
  };
  return { spawn, heard, started: () => started };
}

/** What a thread does with an announcement, in the caller's own time. */
function joinNow(message: ThreadMessage, joins: Map<number, Join>): void {
  if (!('device' in message)) return;
  const { device, module, memory, call, run, thread } = message;
  if (module !== undefined && memory !== undefined) {
    const { exports } = new platform.WebAssembly.Instance(module, { env: { memory } });
    joins.set(device, exports.join as Join);
  }
  joins.get(device)?.(call, run, thread);
}

/** y = 2 x + 1 over so many pixels of four channels, one chunk a pixel. */
function affine(device: Device, pixels: number) {
  const at = device.reserve(pixels * 32 + 32);
  const [input, output, b] = [at, at + pixels * 16, at + pixels * 32];
  const x = device.float32(input, pixels * 4);
  for (let i = 0; i < x.length; i++) x[i] = random.normal();
  device.float32(b, 8).set([2, 2, 2, 2, 1, 1, 1, 1]);
  const one: Step = step('pointwise', pixels, {
    ...pixelwise('affine', { pixels, block: 1 }),
    ...{ a: input, b, output },
  });
  return {
    program: device.compile([one]),
    result: () => device.float32(output, pixels * 4).slice(),
    wanted: Float32Array.from(x, (value) => Math.fround(Math.fround(value * 2) + 1)),
  };
}

/** Runs with the caller's own thread only, afterwards. */
async function restoring(use: () => void | Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    setNodeThreads(1);
  }
}

test('what is not a number of threads is refused', () => {
  const says = /Cannot set the threads: a whole number of at least 1 is wanted, got /;
  for (const count of [0, -1, 1.5, Number.NaN, Infinity, '2' as unknown as number]) {
    assert.throws(
      () => setThreads(count),
      (error: Error) => error.name === 'InputError' && says.test(error.message),
    );
  }
});

test('sixteen at most', () =>
  restoring(() => {
    const { spawn, started } = notingThreads(99);
    setThreads(99, spawn);
    assert.is(threadCount(), MOST_THREADS);
    affine(createDevice(), 8).program.run();
    assert.is(started(), MOST_THREADS - 1);
  }));

test('where no more can be started, those that could be compute', () =>
  restoring(() => {
    const { spawn, heard, started } = notingThreads(2);
    setThreads(8, spawn);
    const { program, result, wanted } = affine(createDevice(), 8);
    program.run();
    assert.is(started(), 2);
    assert.is(threadCount(), 3);
    assert.is(heard.length, 2);
    same(result(), wanted);
    setThreads(2, spawn);
    assert.is(threadCount(), 2);
  }));

test('a thread hears of a memory once, of every run, and no more threads than asked for hear', () =>
  restoring(() => {
    const { spawn, heard } = notingThreads(3);
    setThreads(4, spawn);
    const { program } = affine(createDevice(), 8);
    program.run();
    program.run();
    atMost(2, () => atMost(3, program.run));
    const news = heard.map((message) => ('device' in message ? [message.thread, 'memory' in message] : []));
    assert.equal(news, [
      [1, true],
      [2, true],
      [3, true],
      [1, false],
      [2, false],
      [3, false],
      [1, false],
    ]);
    affine(createDevice(), 1).program.run();
    assert.is(heard.length, 7, 'one chunk is not worth sharing');
  }));

test('a thread hears of a memory again when it has grown', () =>
  restoring(() => {
    const { spawn, heard } = notingThreads(1);
    setThreads(2, spawn);
    const device = createDevice();
    const { program } = affine(device, 8);
    program.run();
    device.reserve(1 << 20);
    program.run();
    program.run();
    const sizes = heard.map((message) =>
      'memory' in message ? message.memory?.buffer.byteLength : undefined,
    );
    assert.is(sizes.length, 3);
    assert.ok(Number(sizes[0]) > 1 << 20, 'the memory itself is the same and has grown');
    assert.ok(sizes[1] !== undefined && sizes[2] === undefined);
  }));

test('a kernel that fails ends the run for all, and is our fault', () =>
  restoring(() => {
    setNodeThreads(3);
    const device = createDevice();
    const { program } = affine(device, 8);
    program.run();
    const at = device.reserve(64);
    const beyond = step('pointwise', 64, {
      ...pixelwise('clamp', { pixels: 64, block: 1 }),
      ...{ a: at, output: 2 ** 31 },
    });
    assert.throws(() => device.compile([beyond]).run(), /^Internal: a kernel stopped: RuntimeError/);
    const other = affine(createDevice(), 8);
    other.program.run();
    same(other.result(), other.wanted);
  }));

test('a memory that is gone is forgotten', () =>
  restoring(() => {
    const { spawn, heard } = notingThreads(1);
    setThreads(2, spawn);
    const device = createDevice();
    affine(device, 8).program.run();
    heard.length = 0;
    forgetDevice(device.id);
    forgetDevice(device.id);
    assert.equal(heard, [{ forget: device.id }]);
  }));

test('another thread may do all the work', () =>
  restoring(() => {
    const joins = new Map<number, Join>();
    const spawn: Spawn = () => ({ postMessage: (message) => joinNow(message, joins) });
    setThreads(2, spawn);
    const { program, result, wanted } = affine(createDevice(), 8);
    program.run();
    same(result(), wanted);
  }));

test('a thread that comes late touches nothing', () =>
  restoring(() => {
    const { spawn, heard } = notingThreads(2);
    setThreads(3, spawn);
    const device = createDevice();
    const { program } = affine(device, 8);
    for (let i = 0; i < 3; i++) program.run();
    program.release();
    // What lies where a program was may look like one that was never run. The first thing in a memory, at 1024, stays what it is.
    const words = new Int32Array(device.bytes(0, 32768).buffer);
    const late = heard.splice(0);
    const joins = new Map<number, Join>();
    for (const pattern of [[0], [0, 0, 8200, 0], [1, 0], [-1]]) {
      for (let i = 272; i < 8192; i++) words[i] = pattern[i % pattern.length];
      const before = words.slice();
      for (const message of late) joinNow(message, joins);
      same(words, before, `memory of ${pattern}`);
    }
  }));

/** Threads that run the source in the caller's own time, when they are let. */
function lateThreads(): { spawn: Spawn; come: () => void; chunks: () => number } {
  const waiting: (() => void)[] = [];
  const answers: Int32Array[] = [];
  let there = false;
  const spawn: Spawn = (source) => {
    const handle = new Function(`${source} return handle;`)() as (message: ThreadMessage) => void;
    return {
      postMessage(message) {
        if ('answer' in message) answers.push(new Int32Array(message.answer));
        if (there) handle(message);
        else waiting.push(() => handle(message));
      },
    };
  };
  const come = () => {
    there = true;
    for (const hear of waiting.splice(0)) hear();
  };
  return { spawn, come, chunks: () => answers.reduce((sum, [, chunks]) => sum + chunks, 0) };
}

test('threads count once they have come, and take chunks from then on', () =>
  restoring(() => {
    const { spawn, come, chunks } = lateThreads();
    setThreads(3, spawn);
    const { program, result, wanted } = affine(createDevice(), 8);
    program.run();
    assert.is(threadCount(), 1, 'none has come');
    same(result(), wanted);
    come();
    assert.is(threadCount(), 3);
    assert.is(chunks(), 0, 'the run is over');
    program.run();
    assert.is(chunks(), 8, 'they run before the caller does');
    same(result(), wanted);
  }));

test('threads that cannot be made are done without', () =>
  restoring(() => {
    let tries = 0;
    const spawn: Spawn = () => {
      tries++;
      throw new Error('no');
    };
    setThreads(4, spawn);
    const { program, result, wanted } = affine(createDevice(), 8);
    program.run();
    same(result(), wanted);
    assert.equal([threadCount(), tries], [1, 1]);
  }));

test('another way to start threads sends those of the one before away', () =>
  restoring(() => {
    const gone: number[] = [];
    let made = 0;
    const spawn: Spawn = () => {
      const own = made++;
      return { certain: true, postMessage: () => {}, terminate: () => gone.push(own) };
    };
    setThreads(3, spawn);
    setThreads(2, spawn);
    assert.equal([made, gone.length, threadCount()], [2, 0, 2]);
    setThreads(2, () => undefined);
    assert.equal([gone, threadCount()], [[0, 1], 1]);
  }));

test('one thread fewer than the machine runs at once, unless set', () =>
  restoring(() => {
    const { spawn, started } = notingThreads(99);
    const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 5 }, configurable: true });
    try {
      setThreads(undefined, spawn);
    } finally {
      if (navigator === undefined) Reflect.deleteProperty(globalThis, 'navigator');
      else Object.defineProperty(globalThis, 'navigator', navigator);
    }
    assert.is(started(), 3);
  }));

test('the source is a script on its own', () => {
  assert.not.match(threadSource, /import|require|eval/);
});

test('threads of Node compute the same bits, run after run, program after program', () =>
  restoring(() => {
    setNodeThreads(3);
    const device = createDevice();
    for (let i = 0; i < 1500; i++) {
      const { program, result, wanted } = affine(device, 2 + random.integer(40));
      program.run();
      program.release();
      same(result(), wanted, `program ${i}`);
    }
  }));

test('threads of Node come, and take chunks of ordinary runs', () =>
  restoring(async () => {
    const chunks: Int32Array[] = [];
    const spawn: Spawn = (source) => {
      const worker = new Worker(`${source}require('node:worker_threads').parentPort.on('message', handle);`, {
        eval: true,
      });
      worker.unref();
      return {
        postMessage(message) {
          if ('answer' in message) chunks.push(new Int32Array(message.answer));
          worker.postMessage(message);
        },
        terminate: () => worker.terminate(),
      };
    };
    setThreads(3, spawn);
    const device = createDevice();
    const { program, result, wanted } = affine(device, 4000);
    for (let turn = 0; turn < 2000 && chunks.some(([, taken]) => taken === 0); turn++) {
      program.run();
      await new Promise((resume) => setTimeout(resume, 1));
    }
    assert.ok(
      chunks.every(([, taken]) => taken > 0),
      `chunks: ${chunks}`,
    );
    assert.is(threadCount(), 3);
    same(result(), wanted);
  }));

test.run();
