import { metricOf } from '../../cam/metrics/metrics.ts';
import type { ChildProgram } from '../../evaluate/child.ts';
import { byChildren } from '../../evaluate/children.ts';
import { queueAddress } from '../../evaluate/queue/queueAddress.ts';
import { cancelSet } from '../../evaluate/queue/submitSet.ts';
import type { Summary, TableSummary } from '../../evaluate/report/summary.ts';
import { writeReport } from '../../evaluate/report/writeReport.ts';
import { openContentFolder } from '../../evaluate/store/contentFolder.ts';
import { isStoreAddress } from '../../evaluate/store/storeAddress.ts';
import { piecesOf, type Runner, runHere, type Work } from '../../evaluate/work.ts';
import { openStageAlone } from '../../node/stage.ts';
import { InputError } from '../../tensor/errors.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { type Column, formatTable } from '../shared/formatTable.ts';
import type { Io } from '../shared/io.ts';
import { PartialFailure } from '../shared/partialFailure.ts';
import { createProgress } from '../shared/progress.ts';
import type { ChildTask } from './answerPieces.ts';
import { byQueue } from './byQueue.ts';
import { type EvaluateFlags, filesIn, openWork } from './openWork.ts';
import { keepNothing, queuedSet } from './queuedSet.ts';

/** This program, told what it is to work on. */
const childFor = (task: ChildTask): ChildProgram => ({
  file: process.argv[1],
  argv: ['evaluate-child', JSON.stringify(task)],
});

/** Metrics that are printed, where they are measured. */
const printed = ['pointing', 'mass', 'covered@0.15', 'focc', 'drop', 'increase'] as const;

function printTable(io: Io, { model, kind, count, accuracy, comparisons }: TableSummary): void {
  const right = Number.isNaN(accuracy) ? '' : `; ${(100 * accuracy).toFixed(1)} % predicted as labelled`;
  io.print('');
  io.print(
    `${io.colors.bold(model)}, ${kind === 'label' ? 'labelled' : 'predicted'} class, ${count} pictures${right}`,
  );
  const shown = comparisons.filter(({ metric }) => printed.some((each) => each === metric));
  const names = comparisons[0]?.lines.map(({ name }) => name) ?? [];
  const rows = names.map((name) => [
    name,
    ...shown.map(({ lines }) => formatNumber(lines.find((line) => line.name === name)?.mean ?? Number.NaN)),
  ]);
  const columns: Column[] = [
    { title: 'method' },
    ...shown.map(({ metric }) => ({ title: metricOf(metric).title, align: 'right' }) as const),
  ];
  for (const line of formatTable(columns, rows).split('\n')) io.print(`  ${line}`);
}

const LISTED = 20;

function failureOf({ failures }: Awaited<ReturnType<typeof writeReport>>): PartialFailure {
  const more = failures.length - LISTED;
  return new PartialFailure([
    `Cannot evaluate ${failures.length === 1 ? 'one picture' : `${failures.length} pictures`}; the report is of the others:`,
    ...failures.slice(0, LISTED).map(({ picture, model, error }) => `  ${picture} (${model}): ${error}`),
    ...(more > 0 ? [`  and ${more} more: see results.jsonl`] : []),
  ]);
}

/** How pieces are done: here, by children, or by the workers of a queue. */
function runnerFor(set: string, flags: EvaluateFlags, { work, io }: { work: Work; io: Io }): Runner {
  const { queue, jobs, out } = flags;
  if (queue !== undefined) {
    const keep = openContentFolder(filesIn(out));
    const { id, queued } = queuedSet(set, flags, { work, keep });
    keep.sweep();
    const { keys } = queued;
    return byQueue({ set: id, keys }, { address: queueAddress(queue), store: work.store, io });
  }
  return jobs === undefined ? runHere : byChildren(jobs, childFor({ set, flags }));
}

/** `--cancel`: takes the pieces off the queue; what is done stays. */
async function cancel(
  set: string,
  flags: EvaluateFlags,
  { work, io }: { work: Work; io: Io },
): Promise<void> {
  if (flags.queue === undefined) throw new InputError('Cannot use --cancel: give the queue by --queue');
  const { id, queued } = queuedSet(set, flags, { work, keep: keepNothing });
  const address = queueAddress(flags.queue);
  const { keys } = queued;
  const { store } = work;
  await cancelSet({ set: id, keys }, { address, store });
  const done = keys.filter((key) => store.has(key)).length;
  io.print(`cancelled: ${done} of ${keys.length} results are in ${flags.out}`);
}

async function doAll(set: string, flags: EvaluateFlags, { work, io }: { work: Work; io: Io }): Promise<void> {
  const progress = createProgress(io);
  const pieces = piecesOf(work);
  let [done, kept] = [0, 0];
  /** Shares of the pieces that are being done. */
  const begun = new Map<number, number>();
  const show = (piece: number) => {
    const parts = [...begun.values()].reduce((sum, share) => sum + share, 0);
    progress.update((done + parts) / pieces, work.set.nameOf(Math.floor(piece / work.models.length)));
  };
  const run = runnerFor(set, flags, { work, io });
  try {
    await run(work, {
      signal: io.signal,
      onDone(piece, how) {
        done++;
        if (how === 'kept') kept++;
        begun.delete(piece);
        show(piece);
      },
      onShare(piece, share) {
        begun.set(piece, share);
        show(piece);
      },
    });
  } finally {
    progress.stop();
  }
  if (kept > 0) io.note(`${kept} of ${pieces} results were there already`);
}

function printSummary(
  io: Io,
  { tables }: Summary,
  { out, files }: { out: string; files: readonly string[] },
): void {
  for (const table of tables) printTable(io, table);
  io.print('');
  io.print(`  ${io.colors.dim('written')} report.md and ${files.length} other files in ${out}`);
}

/** `jetgrad evaluate`: every picture by every model, then the report of what the store has. */
export async function runEvaluate(set: string, flags: EvaluateFlags, io: Io): Promise<void> {
  if (isStoreAddress(flags.out)) {
    throw new InputError(
      `Cannot evaluate to ${flags.out}: an evaluation has its folder on its own machine; give that which jetgrad store has`,
    );
  }
  const work = await openWork(set, flags, io);
  if (flags.cancel === true) {
    await cancel(set, flags, { work, io });
    return;
  }
  const onWait = (pid: number) =>
    io.warn(`process ${pid} is writing to ${flags.out}: waiting until it has ended`);
  const stage = await openStageAlone(flags.out, { onWait, signal: io.signal });
  try {
    await doAll(set, flags, { work, io });
    work.store.sweep();
    const written = await writeReport(work, stage, io.signal);
    stage.commit();
    printSummary(io, written.summary, { out: flags.out, files: written.files });
    if (written.failures.length > 0) throw failureOf(written);
  } finally {
    stage.close();
  }
}
