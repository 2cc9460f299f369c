import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/tensor/errors.ts';

/** What npm is told to install, so that two versions with the same can share it. */
function dependenciesOf(root: string): string {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return JSON.stringify([dependencies, devDependencies]);
}

/**
 * Builds another version of the repository in a folder: its files as they are in a git revision, with the installed packages of
 * this one where it wants the same. @throws InputError for a revision that does not exist.
 */
export function buildRevision(root: string, revision: string, folder: string): void {
  const archive = `${folder}.tar`;
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('git', ['archive', '--output', archive, revision], { cwd: root, stdio: 'pipe' });
  } catch {
    throw new InputError(`Cannot measure the version before: git knows no revision "${revision}"`);
  }
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const installed = join(root, 'node_modules');
  if (existsSync(installed) && dependenciesOf(root) === dependenciesOf(folder)) {
    symlinkSync(installed, join(folder, 'node_modules'), 'junction');
  } else {
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: 'pipe' });
  }
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'pipe' });
}
