import { WorkerEndError } from '../../evaluate/queue/resultStore.ts';
import { PlatformError } from '../../node/withoutWebAssembly.ts';
import { InputError } from '../../tensor/errors.ts';
import { INTERRUPTED } from './interruption.ts';
import { PartialFailure } from './partialFailure.ts';
import { shorten } from './printable.ts';

/** How a command that failed ends. */
export interface Failure {
  readonly exitCode: 1 | 2 | 3 | 130;
  /** Lines for stderr; none where the user ended it. */
  readonly lines: readonly string[];
}

/** Letters of a message: names in it may be of any length. */
const LONGEST = 2000;

/** A regular expression would look at a run of blanks once for each of them. */
function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return shorten(lines.filter((line) => line !== '').join(' '), LONGEST);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** Whether the process, or the system, has as many files open as it may. */
function isOutOfHandles({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EMFILE' || code === 'ENFILE';
}

/** "ENOSPC: no space left on device, write" → "no space left on device" */
export function systemReason(error: NodeJS.ErrnoException): string {
  const reason = error.message.replace(/^[A-Z0-9_]+: /, '').replace(/, \w+( '.*)?$/s, '');
  return isOutOfHandles(error) ? `${reason}; allow more by ulimit -n` : reason;
}

/** What was not possible: reading only where the system says so, since files that are read are checked before. */
function actionOf(error: NodeJS.ErrnoException): 'read' | 'open' | 'write' {
  if (isOutOfHandles(error)) return 'open';
  return ['read', 'stat', 'lstat', 'fstat', 'scandir'].includes(error.syscall ?? '') ? 'read' : 'write';
}

/**
 * What to say about an error: one line for unusable input (2) and for files that could not be written (1); a line and
 * a hint for our own faults (1), the stack only when asked for.
 */
export function formatError(error: unknown, { stack = false, aborted = false } = {}): Failure {
  if (aborted) return { exitCode: INTERRUPTED, lines: [] };
  if (error instanceof InputError) return { exitCode: 2, lines: [oneLine(error.message)] };
  if (error instanceof PartialFailure) return { exitCode: 3, lines: error.lines };
  if (error instanceof WorkerEndError) return { exitCode: 1, lines: [oneLine(error.message)] };
  if (error instanceof PlatformError) return { exitCode: 1, lines: [oneLine(error.message)] };
  if (isSystemError(error)) {
    const where = error.path === undefined ? '' : ` ${error.path}`;
    return { exitCode: 1, lines: [oneLine(`Cannot ${actionOf(error)}${where}: ${systemReason(error)}`)] };
  }
  const message = error instanceof Error ? error.message : String(error);
  const fault = message.startsWith('Internal: ') ? message : `Internal: ${message}`;
  const trace = stack && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  const hint = 'This is a fault of jetgrad; please report it with the command and JETGRAD_DEBUG=1 set.';
  return { exitCode: 1, lines: [oneLine(fault), ...(trace.length > 0 ? trace : [hint])] };
}
