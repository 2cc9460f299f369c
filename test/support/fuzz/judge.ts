import { formatError } from '../../../src/cli/shared/formatError.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { BackendsDiffer, type FuzzReader } from './reader.ts';

/** How one input ended; the last two are findings. */
export type Outcome = 'taken' | 'refused' | 'untyped' | 'differ';

export interface Judgement {
  readonly outcome: Outcome;
  /** Of findings: the error with the top of its stack. */
  readonly message?: string;
}

const taken: Judgement = { outcome: 'taken' };
const refused: Judgement = { outcome: 'refused' };

function described(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`.slice(0, 500);
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return [`${error.name}: ${error.message}`.slice(0, 500), ...frames.slice(0, 6)].join('\n');
}

function ofError(error: unknown): Judgement {
  if (error instanceof BackendsDiffer) return { outcome: 'differ', message: described(error) };
  // The sentence for the user is made too: its time counts as the reader's.
  const { exitCode } = formatError(error);
  if (error instanceof InputError && exitCode === 2) return refused;
  return { outcome: 'untyped', message: described(error) };
}

/** Lets a reader read an input. A promise only where the reader gives one: most inputs take microseconds. */
export function judge(reader: FuzzReader, bytes: Uint8Array): Judgement | Promise<Judgement> {
  try {
    const result = reader.read(bytes);
    return result instanceof Promise ? result.then(() => taken, ofError) : taken;
  } catch (error) {
    return ofError(error);
  }
}
