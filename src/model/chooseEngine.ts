import { drive, type Steps } from '../tensor/drive.ts';
import { backend } from '../tensor/kernels/backend.ts';
import { deviceOf, MemoryFull } from '../tensor/kernels/wasm/device.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { ShapeSurprise } from './compiled/schedule.ts';
import { createSession, type Session } from './compiled/session.ts';
import type { Engine, PullbackTask, RunTask } from './run/engine.ts';
import { nodeByNode } from './run/nodeByNode.ts';
import type { Program, RunOptions, Value } from './run/program.ts';

const sessions = new WeakMap<Program, Session>();

function sessionFor(program: Program): Session | undefined {
  if (program.precision !== 'float32' || backend().name !== 'wasm') return undefined;
  const session = sessions.get(program) ?? createSession(program);
  if (session !== undefined) sessions.set(program, session);
  return session;
}

/** Whether what the kernels cannot do is left to the reference. */
const isForReference = (error: unknown) => error instanceof ShapeSurprise || error instanceof MemoryFull;

/** Results that are the caller's own: a constant may lie in the memory of the kernels. */
function ownValues(values: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map(
    [...values].map(([name, value]) => {
      const { tensor, type } = value;
      if (deviceOf(tensor.data) === undefined) return [name, value];
      return [name, { tensor: fromData(contiguous(tensor).data.slice(), tensor.shape), type }];
    }),
  );
}

/** What the program's device makes of a task when its turn has come; undefined where that is left to the other engine. */
async function onDevice<T>(
  program: Program,
  options: RunOptions,
  compute: (engine: Engine) => Steps<T>,
): Promise<T | undefined> {
  const session = sessionFor(program);
  if (session === undefined) return undefined;
  const done = await session.turn();
  try {
    return await drive(compute(session), options);
  } catch (error) {
    if (!isForReference(error)) throw error;
    return undefined;
  } finally {
    done();
  }
}

/**
 * Computes the targets from the given values: a float32 program on the backend's own kernels, others node by node.
 * @throws the signal's reason when aborted.
 */
export async function runProgram(
  program: Program,
  task: RunTask,
  options: RunOptions = {},
): Promise<Map<string, Value>> {
  const compiled = await onDevice(program, options, (engine) => engine.run(task));
  return ownValues(compiled ?? (await drive(nodeByNode(program).run(task), options)));
}

/**
 * Computes the targets, then for each set of their cotangents the cotangent of the source. Where the kernels have no backward
 * pass for it they compute the targets' values all the same.
 * @throws the signal's reason when aborted.
 */
export async function pullbackProgram(
  program: Program,
  task: PullbackTask,
  options: RunOptions = {},
): Promise<Tensor[]> {
  const compiled = await compiledPullback(program, task, options);
  if (compiled !== undefined) return compiled;
  const share = (from: number, weight: number): RunOptions => ({
    ...options,
    onProgress: (done) => options.onProgress?.(from + weight * done),
  });
  const values = await runProgram(program, task, share(0, 0.4));
  const back = nodeByNode(program).pullback({ ...task, values });
  return (await drive(back, share(0.4, 0.6))) as Tensor[];
}

/** The same on the backend's own kernels alone; undefined where they have no backward pass for it. */
export function compiledPullback(
  program: Program,
  task: PullbackTask,
  options: RunOptions = {},
): Promise<Tensor[] | undefined> {
  return onDevice(program, options, (engine) => engine.pullback(task));
}
