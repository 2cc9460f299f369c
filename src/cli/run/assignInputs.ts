import type { ValueInfo } from '../../model/data/format.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';

/**
 * Files for the inputs of a model, from texts NAME=FILE, or FILE where there is one input.
 * @throws InputError for a name that the model does not have, one given twice, one left out.
 */
export function assignInputs(
  texts: readonly string[],
  inputs: readonly Pick<ValueInfo, 'name'>[],
): Map<string, string> {
  const names = inputs.map(({ name }) => name);
  const files = new Map<string, string>();
  for (const text of texts) {
    const [word] = text.split('=');
    // Names may hold "=" themselves, so the model's own are looked for.
    const named = names.find((each) => text.startsWith(`${each}=`));
    const isPath = word === text || word.includes('/');
    const name = named ?? (names.length === 1 && isPath ? names[0] : undefined);
    if (name === undefined) {
      throw new InputError(
        `Cannot use --input ${text}: give NAME=FILE, NAME one of ${names.join(', ')}${didYouMean(word, names)}`,
      );
    }
    if (files.has(name)) throw new InputError(`Cannot use --input ${text}: ${name} is given twice`);
    files.set(name, named === undefined ? text : text.slice(named.length + 1));
  }
  const missing = names.filter((name) => !files.has(name));
  if (missing.length === 0) return files;
  throw new InputError(
    `Cannot run: no file for ${missing.join(', ')}; give --input ${missing[0]}=FILE, an .npy file or a picture`,
  );
}
