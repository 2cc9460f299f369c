/**
 * The benchmark: `npm run bench -- [--quick] [--only NAME,…] [--before REVISION] [--json FILE]`. Prints every time beside the
 * peers' and the bars. The last line is `N passed, N failed, N skipped`: figures are no failures, outputs that disagree are.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIo } from '../src/cli/shared/io.ts';
import { createProgress } from '../src/cli/shared/progress.ts';
import { InputError } from '../src/tensor/errors.ts';
import { bars, lookUp } from './bars.ts';
import { buildRevision } from './beforeVersion.ts';
import { bundleSize } from './bundleSize.ts';
import type { Case, Row } from './cases/case.ts';
import { cases, quicker, withBefore } from './cases/cases.ts';
import { runFresh } from './cases/runFresh.ts';
import { runTimed } from './cases/runTimed.ts';
import { type Flags, readFlags } from './flags.ts';
import { buildFreshScripts } from './fresh/freshProcess.ts';
import type { Pace } from './interleave.ts';
import { peerPackages, peerVersion } from './peers.ts';
import { formatReport } from './table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const paces: Readonly<Record<'full' | 'quick', Pace>> = {
  full: { rounds: 21, warmUpSeconds: 4, budgetSeconds: 20, pauseSeconds: 0.1 },
  quick: { rounds: 5, warmUpSeconds: 1, budgetSeconds: 2, pauseSeconds: 0.1 },
};

function chosenCases({ quick, only, before }: Flags): Case[] {
  return cases
    .filter(({ name, isQuick }) => only?.includes(name) ?? (!quick || isQuick))
    .map((each) => (quick ? quicker(each) : each))
    .map((each) => (before === undefined ? each : withBefore(each, before)));
}

/** Names of the networks' files that cases want. */
function filesOf(chosen: readonly Case[]): string[] {
  const files = chosen.flatMap((each) => {
    if (each.kind === 'timed') {
      return each.entrants.flatMap(({ job }) => (job.kind === 'general' ? [] : [`${job.network}.onnx`]));
    }
    return each.kind === 'fresh' ? each.entrants.flatMap(({ model }) => model ?? []) : [];
  });
  return [...new Set(files)];
}

function describeMachine({ threads, seed }: Flags): string[] {
  const processors = cpus();
  const peers = [...new Set(Object.values(peerPackages))].map(
    (name) => `${name} ${peerVersion(name) ?? 'not installed'}`,
  );
  return [
    `${processors.length} × ${processors[0]?.model.trim()}, Node ${process.versions.node}, ${threads} threads, seed ${seed}`,
    peers.join(', '),
  ];
}

async function measure(flags: Flags, folder: string): Promise<Row[]> {
  const progress = createProgress(createIo(process, false));
  const chosen = chosenCases(flags);
  let done = 0;
  const onStep = (what: string) => progress.update(done / chosen.length, what);
  const [models, scripts, before] = ['models', 'scripts', 'before'].map((name) => join(folder, name));
  const setting = { threads: flags.threads, seed: flags.seed, root, models };
  onStep('build');
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'pipe' });
  if (flags.before !== undefined) buildRevision(root, flags.before, before);
  await buildFreshScripts(scripts);
  onStep('networks');
  mkdirSync(models);
  const write = [
    fileURLToPath(new URL('writeNetworks.ts', import.meta.url)),
    models,
    String(flags.seed),
    ...filesOf(chosen),
  ];
  execFileSync(process.execPath, ['--import', 'tsx', ...write], { cwd: root, stdio: 'pipe' });
  const pace = paces[flags.quick ? 'quick' : 'full'];
  const rows: Row[] = [];
  for (const each of chosen) {
    if (each.kind === 'timed') rows.push(...(await runTimed(each, { setting, before, pace, onStep })));
    else if (each.kind === 'fresh') {
      rows.push(...(await runFresh(each, { setting, scripts, runs: each.runs, onStep })));
    } else {
      const facts = { bytes: await bundleSize(root) };
      rows.push({ case: each.name, title: each.title, label: 'jetgrad', status: 'passed', facts });
    }
    done += 1;
  }
  progress.stop();
  return rows;
}

function writeJson(file: string, machine: readonly string[], { flags, rows }: { flags: Flags; rows: Row[] }) {
  const found = lookUp(rows);
  const figures = bars.map(({ title, must, aim, unit, value }) => ({
    ...{ title, must, aim, unit, measured: value(found) },
  }));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, flags, rows, bars: figures }, null, 2)}\n`);
}

async function run(flags: Flags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-bench-'));
  const clear = () => rmSync(folder, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clear();
      process.exit(130);
    });
  }
  try {
    const machine = describeMachine(flags);
    const rows = await measure(flags, folder);
    if (flags.json !== undefined) writeJson(flags.json, machine, { flags, rows });
    const count = (status: Row['status']) => rows.filter((row) => row.status === status).length;
    process.stdout.write(`${machine.join('\n')}\n\n${formatReport(rows)}\n\n`);
    process.stdout.write(
      `${count('passed')} passed, ${count('failed')} failed, ${count('missing')} skipped\n`,
    );
  } finally {
    clear();
  }
}

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags !== undefined) await run(flags);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
