import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What may be wrong with an input, as columns of the table. */
export const findingKinds = ['untyped', 'hang', 'death', 'memory', 'differ'] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly reader: string;
  readonly kind: FindingKind;
  readonly seed: number;
  readonly index: number;
  /** What happened: the error with the top of its stack, the signal, the megabytes. */
  readonly message: string;
}

/** What findings of one cause have in common: where the error was thrown, or its first words without what is between quotes, and numbers. */
export function causeOf({ reader, kind, message }: Finding): string {
  const [first, frame = ''] = message.split('\n');
  const words = first.replace(/"[^"]*"?|\d+/g, '').slice(0, 60);
  return [reader, kind, frame.trim() === '' ? words : `${words.split(':')[0]} ${frame.trim()}`].join(' ');
}

/** Saves an input as FOLDER/READER/KIND-SEED-INDEX.bin with what happened beside it; the path of the input. */
export function saveFinding(folder: string, finding: Finding, bytes: Uint8Array): string {
  const { reader, kind, seed, index, message } = finding;
  const path = join(folder, reader, `${kind}-${seed}-${index}.bin`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  writeFileSync(path.replace(/bin$/, 'txt'), `${message}\n`);
  return path;
}

/** The reader of a saved input: its folder's name. */
export function readerOf(path: string): string {
  return basename(dirname(path));
}
