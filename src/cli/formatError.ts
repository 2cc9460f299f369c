import { PlatformError } from '../node/withoutWebAssembly.ts';
import { InputError } from '../tensor/errors.ts';

/** How a command that failed ends. */
export interface Failure {
  readonly exitCode: 1 | 2 | 130;
  /** Lines for stderr; none where the user ended it. */
  readonly lines: readonly string[];
}

/** A regular expression would look at a run of blanks once for each of them. */
function oneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}

/** "ENOSPC: no space left on device, write" → "no space left on device" */
export function systemReason(error: NodeJS.ErrnoException): string {
  return error.message.replace(/^[A-Z0-9_]+: /, '').replace(/, \w+( '.*)?$/s, '');
}

/**
 * What to say about an error: one line for unusable input (2) and for files that could not be written (1); a line and
 * a hint for our own faults (1), the stack only when asked for.
 */
export function formatError(error: unknown, { stack = false, aborted = false } = {}): Failure {
  if (aborted) return { exitCode: 130, lines: [] };
  if (error instanceof InputError) return { exitCode: 2, lines: [oneLine(error.message)] };
  if (error instanceof PlatformError) return { exitCode: 1, lines: [oneLine(error.message)] };
  if (isSystemError(error)) {
    const where = error.path === undefined ? 'Cannot write' : `Cannot write ${error.path}`;
    return { exitCode: 1, lines: [oneLine(`${where}: ${systemReason(error)}`)] };
  }
  const message = error instanceof Error ? error.message : String(error);
  const fault = message.startsWith('Internal: ') ? message : `Internal: ${message}`;
  const trace = stack && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  const hint = 'This is a fault of jetgrad; please report it with the command and JETGRAD_DEBUG=1 set.';
  return { exitCode: 1, lines: [oneLine(fault), ...(trace.length > 0 ? trace : [hint])] };
}
