import type { Command } from 'commander';
import { setThreads } from '../../node/setThreads.ts';
import { type BackendName, setBackend } from '../../tensor/kernels/backend.ts';
import { MOST_THREADS } from '../../tensor/kernels/wasm/threads.ts';
import { oneOf, wholeNumber } from './parseOptions.ts';

interface ComputeFlags {
  readonly backend: BackendName;
  readonly threads?: number;
}

export const backends: readonly BackendName[] = ['wasm', 'reference'];

/** The flags of every command that computes; they take hold before its action. */
export function withCompute(command: Command): Command {
  return command
    .option(
      '--backend <backend>',
      'what computes: wasm (fast) or reference (plain TypeScript)',
      oneOf('backend', backends),
      'wasm',
    )
    .option(
      '--threads <n>',
      'threads that compute (default: as many as the machine runs at once)',
      wholeNumber('threads', { least: 1, most: MOST_THREADS }),
    )
    .hook('preAction', () => {
      const flags = command.opts<ComputeFlags>();
      setBackend(flags.backend);
      setThreads(flags.threads);
    });
}
