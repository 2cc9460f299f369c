/**
 * What a change needs before it is committed: types, lint, and the suites that reach a changed file: `npm run ok:quick -- [--since
 * HEAD]`. A suite that reads files rather than importing them (the README's, the structure's) runs when the documents or sources
 * that it reads have changed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { importGraph, reachedFrom, root } from '../test/support/imports.ts';

const { values } = parseArgs({ options: { since: { type: 'string', default: 'HEAD' } } });
const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: root, encoding: 'utf8' });
const changed = [
  ...git('diff', '--name-only', values.since).split('\n'),
  ...git('ls-files', '--others', '--exclude-standard').split('\n'),
].filter((file) => file !== '');

/** Suites that read what no import shows. */
const readers: readonly (readonly [suite: string, reads: RegExp])[] = [
  ['test/examples.test.ts', /\.md$/],
  ['test/limits.test.ts', /^docs\/limits\.md$/],
  ['test/docs.test.ts', /\.md$|^package\.json$|^(src|test|scripts|bench)\//],
  ['test/structure.test.ts', /^src\//],
  ['test/types.test.ts', /^src\//],
  ['test/cli', /^src\//],
];

const graph = importGraph('src', 'test', 'scripts', 'bench', 'weights');
const suites = [...graph.keys()].filter((file) => file.endsWith('.test.ts'));
const touched = suites.filter((suite) => {
  const reached = reachedFrom(graph, suite);
  const reads = readers.some(
    ([part, pattern]) => suite.startsWith(part) && changed.some((file) => pattern.test(file)),
  );
  return (
    reads ||
    changed.some((file) => reached.has(file) || file.startsWith(`${suite.replace(/\.test\.ts$/, '')}/`))
  );
});

function step(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, [...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

step('npm', ['run', '--silent', 'types']);
step('npm', ['run', '--silent', 'lint']);
process.stdout.write(
  `${changed.length} files changed, ${touched.length} of ${suites.length} suites reach them\n`,
);
if (touched.length === 0) process.stdout.write('0 passed, 0 failed, 0 skipped\n');
else {
  if (touched.some((suite) => suite.startsWith('test/cli'))) step('npm', ['run', '--silent', 'build']);
  step(process.execPath, ['--import', 'tsx', 'test/run.ts', ...touched]);
}
