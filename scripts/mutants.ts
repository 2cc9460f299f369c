/**
 * Plants faults, each alone, in a copy of the sources, and runs the suites that reach them, without third-party data: each must be
 * caught. `npm run mutants -- [parts of names]`. The last line is `N passed, N failed, N skipped`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { importGraph, reachedFrom, root } from '../test/support/imports.ts';
import { type Mutant, mutants } from './mutants/list.ts';
import { createReport } from './report.ts';

const parts = process.argv.slice(2);
const report = createReport();
const copy = mkdtempSync(join(tmpdir(), 'jetgrad-mutants-'));

function copySources(): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\n').filter((each) => each !== '')) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  for (const folder of ['node_modules', 'dist']) symlinkSync(join(root, folder), join(copy, folder));
}

const graph = importGraph('src', 'test', 'scripts', 'bench', 'weights');

/** The suites that import a file, directly or through others, and those that read sources. */
function suitesOf(file: string): string[] {
  return [...graph.keys()].filter(
    (suite) =>
      suite.endsWith('.test.ts') &&
      (reachedFrom(graph, suite).has(file) || /test\/(structure|cli\/|readme)/.test(suite)),
  );
}

function run(args: readonly string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, JETGRAD_DATA: join(copy, 'no-data') },
  });
}

/** What caught it: the first failing tests; undefined where nothing did. */
function caughtBy({ file, kernels = false }: Mutant): string | undefined {
  if (kernels) {
    const { status, stderr } = run(['scripts/assembleKernels.ts']);
    if (status !== 0) return `the compiler: ${stderr.trim().split('\n').at(-1)}`;
  }
  const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (types.status !== 0) return `the compiler: ${types.stdout.trim().split('\n')[0]}`;
  const suites = suitesOf(kernels ? 'src/tensor/kernels/wasm/module.ts' : file);
  const { status, stdout } = run(['test/run.ts', ...suites]);
  if (status === 0) return undefined;
  const failures = [...stdout.matchAll(/FAIL\s+(.+)/g)].map(([, what]) => what.trim());
  return failures.length === 0 ? `exit code ${status}` : `${failures.length} tests: ${failures[0]}`;
}

copySources();
try {
  for (const mutant of mutants) {
    const { name, file, find, put } = mutant;
    if (parts.length > 0 && !parts.some((part) => name.includes(part))) continue;
    await report.guard(name, () => {
      const path = join(copy, file);
      const before = readFileSync(path, 'utf8');
      if (before.split(find).length !== 2)
        throw new Error(`its place in ${file} is there ${before.split(find).length - 1} times`);
      writeFileSync(
        path,
        before.replace(find, () => put),
      );
      const caught = caughtBy(mutant);
      report.check(name, caught !== undefined, caught ?? 'not caught');
      writeFileSync(path, before);
      if (mutant.kernels)
        cpSync(
          join(root, 'src/tensor/kernels/wasm/module.ts'),
          join(copy, 'src/tensor/kernels/wasm/module.ts'),
        );
    });
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
report.close();
