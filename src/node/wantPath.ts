import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';

/** @throws InputError for anything but the path of a file. */
export function wantPath(path: unknown, action: string): string {
  if (typeof path === 'string' && path !== '') return path;
  throw new InputError(`Cannot ${action}: the path of a file is wanted, as a text, got ${describe(path)}`);
}
