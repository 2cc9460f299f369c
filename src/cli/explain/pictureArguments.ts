import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../tensor/errors.ts';

const isPictureName = (name: string) => /\.(png|jpe?g)$/i.test(name);

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // What is wrong with it is said where it is read.
  }
}

const isSame = (a: string, b: string) => isFolder(b) && realpathSync(a) === realpathSync(b);

/**
 * Files for the arguments of `explain`: a folder stands for the PNG and JPEG pictures in it, in the order of their names; `-`, the standard
 * input, and files stay as they are.
 * @throws InputError for a folder without pictures, and where the results would go into one.
 */
export function pictureArguments(paths: readonly string[], out: string): string[] {
  return paths.flatMap((path) => {
    if (!isFolder(path)) return path;
    if (isSame(path, out)) {
      throw new InputError(
        `Cannot explain all of ${path}: the results would go into it, among the pictures; choose another --out`,
      );
    }
    const names = readdirSync(path).filter(isPictureName).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
    throw new InputError(`Cannot explain ${path}: there is no .png, .jpg or .jpeg in the folder`);
  });
}
