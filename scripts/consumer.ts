/** What the checking scripts of the package share: a folder that the packed package is installed into, as a user would. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const INSTALL = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];

/** What a program says on stdout. @throws with all that it said where it fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${command} failed: ${stdout}${stderr}`.trim() || message);
  }
}

export interface Consumer {
  readonly folder: string;
  /** Bytes of the packed file. */
  readonly packed: number;
  write(file: string, content: string | object): void;
  run(command: string, ...args: string[]): string;
  remove(): void;
}

/** An empty folder with the package, as it is packed, and some others installed. */
export function createConsumer(name: string, ...packages: string[]): Consumer {
  const folder = mkdtempSync(join(tmpdir(), `jetgrad-${name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const write = (file: string, content: string | object) =>
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  try {
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const [{ filename, size }] = JSON.parse(run('npm', pack, root));
    write('package.json', { name, private: true, type: 'module' });
    run('npm', [...INSTALL, join(folder, filename), ...packages], folder);
    return {
      folder,
      packed: size,
      write,
      run: (command, ...args) => run(command, args, folder),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Where a version of a package is installed alone, to be kept from run to run: its folder in node_modules. */
export function kept(name: string, version: string): string {
  const folder = join(root, 'node_modules/.cache/jetgrad', `${name.replaceAll('/', '-')}@${version}`);
  const place = join(folder, 'node_modules', name);
  if (!existsSync(place)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
    run('npm', [...INSTALL, `${name}@${version}`], folder);
  }
  return place;
}

/** The program of a major version of Node: npm has a package of binaries for each platform. */
export function nodeOf(major: string): string {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  return join(kept(`node-${system}-${process.arch}`, major), 'bin/node');
}
