import { newDevice } from '../../tensor/kernels/backend.ts';
import type { CompiledProgram, Device } from '../../tensor/kernels/wasm/device.ts';
import { deviceFor } from '../adoptTensors.ts';
import { nodesFor } from '../graph.ts';
import type { Program, Value } from '../program.ts';
import { planArena } from './arena.ts';
import { compile, type HostValues, type Item, type View } from './compile.ts';
import { createWeightStore, type WeightStore } from './lowering.ts';
import type { Buffer } from './values.ts';

/** Work of one program, additions and multiplications: about a tenth of a second, the time between two signs of progress. */
const PIECE = 5e9;
const KEPT = 8;

type Piece = CompiledProgram | Required<Item>;

interface Executable {
  readonly pieces: readonly Piece[];
  readonly view: View;
  release(): void;
}

/** A model's float32 program on a device of its own. */
export interface Session {
  readonly device: Device;
  /** Computes the targets, yielding the share that is done. One run at a time. */
  run(
    given: ReadonlyMap<string, Value>,
    targets: readonly string[],
    threads?: number,
  ): Generator<number, Map<string, Value>>;
  /** Resolves when it is the caller's turn; the caller calls what it gets when it is done. */
  turn(): Promise<() => void>;
}

function cutPieces(items: readonly Item[], device: Device, at: (buffer: Buffer) => number): Piece[] {
  const pieces: Piece[] = [];
  let pending: Item[] = [];
  let work = 0;
  const flush = () => {
    const steps = pending.flatMap(({ operation }) => operation.steps(at));
    if (steps.length > 0) pieces.push(device.compile(steps));
    pending = [];
    work = 0;
  };
  for (const item of items) {
    if (item.host !== undefined) {
      flush();
      pieces.push({ operation: item.operation, host: item.host });
      continue;
    }
    if (work + item.operation.work > PIECE) flush();
    pending.push(item);
    work += item.operation.work;
  }
  flush();
  return pieces;
}

function build(items: readonly Item[], device: Device): Executable {
  const { bytes, offsets } = planArena(items.map(({ operation }) => operation));
  const base = device.reserve(bytes);
  const at = (buffer: Buffer) => base + (offsets.get(buffer) as number);
  const pieces = cutPieces(items, device, at);
  return {
    pieces,
    view: (buffer, length) => device.float32(at(buffer), length),
    release() {
      for (const piece of pieces) if ('run' in piece) piece.release();
      device.release(base);
    },
  };
}

function keyOf(given: ReadonlyMap<string, Value>, targets: readonly string[]): string {
  const inputs = [...given].map(([name, { tensor, type }]) => [name, type, tensor.shape]);
  return JSON.stringify([inputs, targets]);
}

/** Undefined where the reference computes. */
export function createSession(program: Program): Session | undefined {
  const device = deviceFor(program.graph.data) ?? newDevice();
  return device && sessionOn(device, program);
}

function sessionOn(device: Device, program: Program): Session {
  const weights: WeightStore = createWeightStore(device);
  const executables = new Map<string, Executable>();
  let last: Promise<void> = Promise.resolve();

  function executableFor(given: ReadonlyMap<string, Value>, targets: readonly string[]): Executable {
    const key = keyOf(given, targets);
    const known = executables.get(key);
    executables.delete(key);
    if (known !== undefined) {
      executables.set(key, known);
      return known;
    }
    for (const [old, executable] of executables) {
      if (executables.size < KEPT) break;
      executable.release();
      executables.delete(old);
    }
    const outlines = [...given].map(
      ([name, { tensor, type }]) => [name, { shape: tensor.shape, type }] as const,
    );
    const present = new Set([...given.keys(), ...program.constants.keys()]);
    const nodes = nodesFor(program.graph, targets, present);
    const { items } = compile({ program, nodes, given: new Map(outlines), targets, weights });
    const executable = build(items, device);
    executables.set(key, executable);
    return executable;
  }

  return {
    device,
    *run(given, targets, threads) {
      const { pieces, view } = executableFor(given, targets);
      const values: HostValues = new Map(given);
      for (const [at, piece] of pieces.entries()) {
        if ('run' in piece) piece.run(threads);
        else piece.host(values, view);
        yield (at + 1) / pieces.length;
      }
      return new Map(
        targets.map((name) => [name, (values.get(name) ?? program.constants.get(name)) as Value]),
      );
    },
    async turn() {
      const before = last;
      let done = () => {};
      last = new Promise((resolve) => {
        done = resolve;
      });
      await before;
      return done;
    },
  };
}
