import { part, stepsOf } from '../../tensor/drive.ts';
import { newDevice } from '../../tensor/kernels/backend.ts';
import type { Device } from '../../tensor/kernels/wasm/device.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { deviceFor } from '../data/adoptTensors.ts';
import { nodesFor } from '../graph/graph.ts';
import type { Engine } from '../run/engine.ts';
import type { Program, Value } from '../run/program.ts';
import { cotangentOf } from './back/backward.ts';
import { compile } from './compile.ts';
import { build, type Executable, type Piece } from './executable.ts';
import { createWeightStore, type WeightStore } from './lower/weights.ts';
import type { HostValues, View } from './schedule.ts';

const KEPT = 8;

/** A model's float32 program on a device of its own: one run at a time. */
export interface Session extends Engine {
  readonly device: Device;
  /** Resolves when it is the caller's turn; the caller calls what it gets when it is done. */
  turn(): Promise<() => void>;
}

interface Request {
  readonly given: ReadonlyMap<string, Value>;
  readonly targets: readonly string[];
  readonly source?: string;
}

function keyOf({ given, targets, source }: Request): string {
  const inputs = [...given].map(([name, { tensor, type }]) => [name, type, tensor.shape]);
  return JSON.stringify([inputs, targets, source]);
}

/** Undefined where the reference computes. */
export function createSession(program: Program): Session | undefined {
  const device = deviceFor(program.graph.data) ?? newDevice();
  return device && sessionOn(device, program);
}

interface Running {
  readonly values: HostValues;
  readonly view: View;
}

function valuesOf(program: Program, names: readonly string[], values: HostValues): Map<string, Value> {
  return new Map(names.map((name) => [name, (values.get(name) ?? program.constants.get(name)) as Value]));
}

function sessionOn(device: Device, program: Program): Session {
  const weights: WeightStore = createWeightStore(device);
  const executables = new Map<string, Executable>();
  const noWayBack = new Set<string>();
  let arena = { at: 0, bytes: 0 };
  let last: Promise<void> = Promise.resolve();

  /** All executables compute in one stretch of memory, since they run one at a time; where it is too small, all make way for a larger. */
  function reserve(bytes: number): number {
    if (bytes > arena.bytes) {
      for (const executable of executables.values()) executable.release();
      executables.clear();
      device.release(arena.at);
      arena = { at: 0, bytes: 0 };
      arena = { at: device.reserve(bytes), bytes };
    }
    return arena.at;
  }

  function executableFor(request: Request): Executable | undefined {
    const { given, targets, source } = request;
    const key = keyOf(request);
    if (noWayBack.has(key)) return undefined;
    const known = executables.get(key);
    executables.delete(key);
    if (known !== undefined) {
      executables.set(key, known);
      return known;
    }
    const outlines = [...given].map(
      ([name, { tensor, type }]) => [name, { shape: tensor.shape, type }] as const,
    );
    const present = new Set([...given.keys(), ...program.constants.keys()]);
    const nodes = nodesFor(program.graph, targets, present);
    const schedule = compile({ program, nodes, given: new Map(outlines), targets, weights, source });
    if (source !== undefined && schedule.back === undefined) {
      noWayBack.add(key);
      return undefined;
    }
    for (const [old, executable] of executables) {
      if (executables.size < KEPT) break;
      executable.release();
      executables.delete(old);
    }
    const executable = build(schedule, device, reserve);
    executables.set(key, executable);
    return executable;
  }

  function runPiece(piece: Piece, { values, view }: Running): void {
    if ('run' in piece) piece.run();
    else piece.host(values, view);
  }

  return {
    device,
    *run({ given, targets }) {
      const { pieces, view } = executableFor({ given, targets }) as Executable;
      const values: HostValues = new Map(given);
      for (const [at, piece] of pieces.entries()) {
        runPiece(piece, { values, view });
        yield (at + 1) / pieces.length;
      }
      return valuesOf(program, targets, values);
    },
    *pullback({ given, source, targets, cotangentsAt }) {
      const executable = executableFor({ given, targets, source });
      if (executable?.back === undefined) return undefined;
      const { pieces, back, view } = executable;
      const values: HostValues = new Map(given);
      const running = { values, view };
      for (const [at, piece] of pieces.entries()) {
        runPiece(piece, running);
        yield (0.4 * (at + 1)) / pieces.length;
      }
      const sets = yield* part(stepsOf(cotangentsAt(valuesOf(program, targets, values))), 0.4, 0.1);
      const gradients: Tensor[] = [];
      for (const cotangents of sets) {
        targets.forEach((name, i) => {
          values.set(cotangentOf(name), { tensor: cotangents[i], type: 'float32' });
        });
        for (const [at, piece] of back.pieces.entries()) {
          runPiece(piece, running);
          yield 0.5 + (0.5 * (gradients.length + (at + 1) / back.pieces.length)) / sets.length;
        }
        gradients.push((values.get(back.output) as Value).tensor);
      }
      return gradients;
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
