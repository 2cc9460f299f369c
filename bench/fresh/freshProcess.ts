import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const execute = promisify(execFile);

/** The scripts beside this file, as plain JavaScript in a folder: what they measure is free of tools. */
export async function buildFreshScripts(folder: string): Promise<void> {
  await build({
    entryPoints: ['importJetgrad', 'runOnce'].map((name) =>
      fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
    ),
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
  });
}

/** Runs one of them in a process of its own and reads the numbers that it prints. */
export async function runFresh(
  folder: string,
  script: 'importJetgrad' | 'runOnce',
  args: readonly string[],
): Promise<Record<string, number>> {
  const { stdout } = await execute(process.execPath, [join(folder, `${script}.mjs`), ...args]);
  return JSON.parse(stdout);
}
