import { InputError } from '../errors.ts';
import { createDevice, type Device, kernelModule } from './wasm/device.ts';
import { whyAlone } from './wasm/threads.ts';

/** `wasm`: vectors and threads in WebAssembly; `reference`: plain TypeScript, the definition of every kernel. */
export type BackendName = 'wasm' | 'reference';

/** What computes. */
export interface Backend {
  /** The one that computes. */
  readonly name: BackendName;
  /** Why it is not the one that was asked for. */
  readonly reason?: string;
}

let wanted: BackendName = 'wasm';
/** Why the platform has no kernels. */
let failure: string | undefined;
/** Why the memory that was last asked for could not be had: other models may have it, and may give it back. */
let shortage: string | undefined;
let shared: Device | undefined;

/**
 * Chooses what computes from now on, `wasm` unless set. Where the platform cannot run it (no WebAssembly with vectors and shared
 * memory, or a content-security policy without 'wasm-unsafe-eval') the reference kernels take over, and `backend()` says why.
 * @throws InputError for another name.
 * @example
 * setBackend('reference');
 * backend().name // 'reference'
 */
export function setBackend(name: BackendName): void {
  if (name !== 'wasm' && name !== 'reference') {
    throw new InputError(`Cannot set the backend: it must be wasm or reference, got ${String(name)}`);
  }
  wanted = name;
}

/**
 * What computes now, and why it is not what was asked for.
 * @example
 * backend() // { name: 'wasm' }, or { name: 'reference', reason: 'WebAssembly is not available: …' }
 */
export function backend(): Backend {
  if (wanted === 'reference') return { name: 'reference' };
  const reason = hasKernels() ? shortage : failure;
  return reason === undefined
    ? { name: 'wasm' }
    : { name: 'reference', reason: `WebAssembly is not available: ${reason}` };
}

/** @throws InputError where several threads are asked for and the caller's alone can compute, naming why. */
export function checkThreads(count: number | undefined, action: string): void {
  if (count === undefined || count === 1) return;
  const { name, reason = 'the reference kernels have one alone' } = backend();
  const why = name === 'reference' ? reason : whyAlone();
  if (why === undefined) return;
  throw new InputError(`Cannot ${action} on ${count} threads: ${why}; leave threads out to compute on one`);
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function hasKernels(): boolean {
  if (failure !== undefined) return false;
  try {
    kernelModule();
    return true;
  } catch (error) {
    failure = reasonOf(error);
    return false;
  }
}

/** A memory of its own for a model; undefined where the reference computes. */
export function newDevice(): Device | undefined {
  if (wanted === 'reference' || !hasKernels()) return undefined;
  try {
    const device = createDevice();
    shortage = undefined;
    return device;
  } catch (error) {
    shortage = reasonOf(error);
    return undefined;
  }
}

/** The memory that single operations share; undefined where the reference computes. */
export function sharedDevice(): Device | undefined {
  if (wanted === 'reference') return undefined;
  shared ??= newDevice();
  return shared;
}
