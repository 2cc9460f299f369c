/**
 * Damaged and random inputs for every reader, in a process that is watched:
 * `npm run fuzz -- [--minutes 2] [--only NAME,…] [--seed 0] [--inputs N] [--out jetgrad-fuzz] [--replay FILE]`.
 * Time is shared equally among the readers; with --inputs each has so many, however long they take. An input fails that is answered by
 * an untyped error, hangs, ends the process, takes more than 1 GB, or makes backends differ; it is saved as OUT/READER/….bin for --replay.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatCount, formatTable } from '../src/cli/shared/formatTable.ts';
import { causeOf, type Finding, readerOf, saveFinding } from '../test/support/fuzz/findings.ts';
import { createFuzz, type Tally } from '../test/support/fuzz/fuzz.ts';
import { inputsOf } from '../test/support/fuzz/inputs.ts';
import { readers } from '../test/support/fuzz/readers.ts';
import { createReport } from './report.ts';

/** Inputs saved of one cause. */
const SAVED = 3;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: '0' },
    inputs: { type: 'string' },
    out: { type: 'string', default: 'jetgrad-fuzz' },
    replay: { type: 'string' },
  },
});

const report = createReport();
const note = (text: string) => process.stderr.write(`${text}\n`);
const names = values.only?.split(',') ?? readers.map(({ name }) => name);
const unknown = names.filter((name) => !readers.some((reader) => reader.name === name));
if (unknown.length > 0) {
  note(`there is no reader ${unknown.join(', ')}; there are ${readers.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const causes = new Map<string, number>();

/** Saves the first few inputs of each cause, and says what happened. */
function keep(finding: Finding): void {
  const cause = causeOf(finding);
  const count = (causes.get(cause) ?? 0) + 1;
  causes.set(cause, count);
  if (count > SAVED) return;
  const reader = readers.find(({ name }) => name === finding.reader);
  if (reader === undefined) return;
  const path = saveFinding(values.out, finding, inputsOf(reader, finding.seed)(finding.index));
  note(`${finding.kind.toUpperCase()} ${path}: ${count > 1 ? 'likewise' : finding.message}`);
}

const columns = [
  'inputs',
  'taken',
  'refused',
  'untyped',
  'hangs',
  'deaths',
  '> 1 GB',
  'differ',
  'slowest s',
  'a second',
];

function tableOf(tallies: readonly Tally[]): string {
  const row = (name: string, t: Omit<Tally, 'name' | 'absent'>) => {
    const { untyped, hang, death, memory, differ } = t.found;
    const counts = [t.inputs, t.taken, t.refused, untyped, hang, death, memory, differ].map(formatCount);
    return [name, ...counts, t.slowest.toFixed(2), formatCount(Math.round(t.inputs / t.seconds))];
  };
  const rows = tallies.filter(({ absent }) => !absent).map((tally) => row(tally.name, tally));
  return formatTable(
    [{ title: 'reader' }, ...columns.map((title) => ({ title, align: 'right' as const }))],
    rows,
  );
}

function close(tallies: readonly Tally[]): void {
  for (const line of tableOf(tallies).split('\n')) report.note(line);
  report.note(`${formatCount(tallies.reduce((sum, { inputs }) => sum + inputs, 0))} inputs`);
  for (const [cause, count] of causes) report.note(`${count} × ${cause}`);
  for (const { name, inputs, found, absent } of tallies) {
    if (absent) {
      report.skip(name, 'what its seeds are made from is not there');
      continue;
    }
    const failed = Object.entries(found).filter(([, count]) => count > 0);
    const figures = failed.map(([kind, count]) => `${kind} ${count}`).join(', ');
    report.check(name, failed.length === 0, `${formatCount(inputs)} inputs${figures && `, ${figures}`}`);
  }
}

const seed = Number(values.seed);
const inputs = values.inputs === undefined ? undefined : Number(values.inputs);
const minutes = values.minutes ?? (inputs === undefined ? '2' : undefined);
const seconds = minutes === undefined ? undefined : (60 * Number(minutes)) / names.length;
const fuzz = createFuzz({
  seed,
  inputs,
  seconds,
  onFinding: keep,
  onProgress: (name, done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name}: ${formatCount(done)} inputs   `);
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    fuzz.close();
    process.exit(130);
  });
}

if (values.replay !== undefined) {
  const reader = values.only ?? readerOf(resolve(values.replay));
  const { outcome, message } = await fuzz.replay(reader, resolve(values.replay));
  if (message !== '') report.note(message);
  report.check(`${reader}, ${values.replay}`, outcome === 'taken' || outcome === 'refused', outcome);
} else {
  const tallies: Tally[] = [];
  for (const [i, name] of names.entries()) {
    const tally = await fuzz.fuzz(name);
    tallies.push(tally);
    note(
      `${i + 1}/${names.length} ${name}: ${formatCount(tally.inputs)} inputs in ${tally.seconds.toFixed(1)} s`,
    );
  }
  close(tallies);
}
fuzz.close();
report.close();
