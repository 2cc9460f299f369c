/**
 * What a change needs before it is committed: types, lint, and the suites that reach a changed file: `npm run ok:quick -- [--since
 * HEAD]`. A suite that reads files rather than importing them (the README's, the structure's) runs when the documents or sources
 * that it reads have changed.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
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

interface Ran {
  readonly text: string;
  readonly status: number | null;
}

/** Runs suites in a process of their own; what they print comes when they are done. */
function runSuites(parts: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/run.ts', ...parts], { cwd: root });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    child.on('close', (status) => resolve({ text, status }));
  });
}

/** The suites in as many processes as there are cores, dealt out in turns. */
async function runAll(parts: readonly string[]): Promise<void> {
  const count = Math.min(parts.length, availableParallelism());
  const hands = Array.from({ length: count }, (_, hand) => parts.filter((_, i) => i % count === hand));
  const ran = await Promise.all(hands.map(runSuites));
  const totals = [0, 0, 0];
  for (const { text } of ran) {
    const [, ...numbers] = /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(text) ?? [];
    process.stdout.write(text);
    for (const [i, number] of numbers.entries()) totals[i] += Number(number);
  }
  const [passed, failed, skipped] = totals;
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  if (ran.some(({ status }) => status !== 0)) process.exit(1);
}

step('npm', ['run', '--silent', 'types']);
step('npm', ['run', '--silent', 'lint']);
process.stdout.write(
  `${changed.length} files changed, ${touched.length} of ${suites.length} suites reach them\n`,
);
if (touched.length === 0) process.stdout.write('0 passed, 0 failed, 0 skipped\n');
else {
  if (touched.some((suite) => suite.startsWith('test/cli'))) step('npm', ['run', '--silent', 'build']);
  await runAll(touched);
}
