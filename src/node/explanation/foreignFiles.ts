import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../tensor/errors.ts';
import { isManifest, MANIFEST, readManifest } from './manifestText.ts';
import { filesIn } from './writeEntries.ts';

/** @throws InputError for a file to be written that is there, unless the folder's manifest tells of it. */
export function checkForeign(folder: string, names: readonly string[]): void {
  const there = names.filter((name) => existsSync(join(folder, name)));
  if (there.length === 0) return;
  const own = new Set(isManifest(folder) ? [MANIFEST] : []);
  for (const entries of readManifest(folder)) for (const file of filesIn(entries)) own.add(file);
  const foreign = there.find((name) => !own.has(name));
  if (foreign === undefined) return;
  const why =
    foreign === MANIFEST
      ? 'and is none of explanations'
      : `and ${MANIFEST} does not tell of it as an explanation's`;
  throw new InputError(
    `Cannot save the explanation: ${join(folder, foreign)} is there already, ${why}; choose another folder or name, or give the option replace: true`,
  );
}
