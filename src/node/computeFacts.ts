import { backend } from '../tensor/kernels/backend.ts';
import { threadCount } from '../tensor/kernels/wasm/threads.ts';

/** What computes, for a manifest; with the reason where it is not what was asked for. */
export function computeFacts(): { backend: string; backendReason?: string; threads: number } {
  const { name, reason } = backend();
  return {
    backend: name,
    ...(reason && { backendReason: reason }),
    threads: name === 'wasm' ? threadCount() : 1,
  };
}
