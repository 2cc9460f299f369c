import { drive } from '../tensor/drive.ts';
import { backend } from '../tensor/kernels/backend.ts';
import { deviceOf, MemoryFull } from '../tensor/kernels/wasm/device.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { ShapeSurprise } from './compiled/schedule.ts';
import { createSession, type PullbackTask, type Session } from './compiled/session.ts';
import { type Program, type RunOptions, steps, type Value } from './run/program.ts';

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

/**
 * Computes the targets from the given values: a float32 program on the backend's own kernels, others node by node.
 * @throws the signal's reason when aborted.
 */
export async function evaluateAsync(
  program: Program,
  given: ReadonlyMap<string, Value>,
  targets: readonly string[],
  options: RunOptions = {},
): Promise<Map<string, Value>> {
  const session = sessionFor(program);
  if (session !== undefined) {
    const done = await session.turn();
    try {
      return ownValues(await drive(session.run(given, targets, options.threads), options));
    } catch (error) {
      if (!isForReference(error)) throw error;
    } finally {
      done();
    }
  }
  return ownValues(await drive(steps(program, given, targets), options));
}

/**
 * Computes the targets, then for each set of their cotangents the cotangent of the source, on the backend's own kernels.
 * Undefined where they do not compute, or a node has no backward pass there.
 * @throws the signal's reason when aborted.
 */
export async function pullbackAsync(
  program: Program,
  task: PullbackTask,
  options: RunOptions = {},
): Promise<Tensor[] | undefined> {
  const session = sessionFor(program);
  if (session === undefined) return undefined;
  const done = await session.turn();
  try {
    return await drive(session.pullback(task, options.threads), options);
  } catch (error) {
    if (!isForReference(error)) throw error;
    return undefined;
  } finally {
    done();
  }
}
