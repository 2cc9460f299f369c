/**
 * The process in which inputs are read: `child.ts READERS.ts PROGRESS`, started by watch.ts. Before each input its number is written to
 * the file PROGRESS, so that the parent knows which one hangs or ends this process.
 */
import { openSync, readFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inputsOf } from './inputs.ts';
import { judge } from './judge.ts';
import { PROGRESS_FIELDS } from './progress.ts';
import type { FuzzReader } from './reader.ts';

/** What the parent asks for: inputs by number, or the one of a file. */
export interface Job {
  readonly reader: string;
  readonly seed: number;
  readonly file?: string | undefined;
  readonly from: number;
  /** The number before which to stop. */
  readonly until: number;
  /** Of the clock, after which no input is begun. */
  readonly seconds: number;
  /** Once the process has been larger no input is begun: its peak would hide the next one's. */
  readonly bytes: number;
}

export type Report =
  | { readonly type: 'ready' }
  | {
      readonly type: 'found';
      readonly kind: 'untyped' | 'differ';
      readonly index: number;
      readonly message: string;
    }
  /** Every input before `next` is read; `peak` in bytes. `absent`: the reader has no seeds here. */
  | { readonly type: 'done'; readonly next: number; readonly peak: number; readonly absent: boolean };

const [modulePath, progressPath] = process.argv.slice(2);
const { readers } = (await import(pathToFileURL(modulePath).href)) as { readers: readonly FuzzReader[] };
const progressFile = openSync(progressPath, 'r+');
const progress = new Float64Array(PROGRESS_FIELDS.length);
const [INDEX, TAKEN, REFUSED, SLOWEST] = PROGRESS_FIELDS.keys();
const TURN_EVERY = 200;

const keep = () => writeSync(progressFile, progress, 0, progress.byteLength, 0);
const tell = (report: Report) => new Promise<void>((resolve) => process.send?.(report, () => resolve()));
const peakBytes = () => process.resourceUsage().maxRSS * 1024;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function readOne(reader: FuzzReader, bytes: Uint8Array, index: number): Promise<void> {
  const { outcome, message = '' } = await judge(reader, bytes);
  if (outcome === 'taken') progress[TAKEN]++;
  else if (outcome === 'refused') progress[REFUSED]++;
  else await tell({ type: 'found', kind: outcome, index, message });
}

async function work(job: Job): Promise<void> {
  progress.fill(0);
  progress[INDEX] = -1;
  keep();
  const reader = readers.find(({ name }) => name === job.reader);
  if (reader === undefined) throw new Error(`there is no reader ${job.reader}`);
  const { file } = job;
  const absent = file === undefined && reader.seeds().length === 0;
  const input = file === undefined ? inputsOf(reader, job.seed) : () => new Uint8Array(readFileSync(file));
  const start = performance.now();
  let [index, now, turned] = [job.from, start, start];
  while (!absent && index < job.until && now - start < job.seconds * 1000 && peakBytes() <= job.bytes) {
    progress[INDEX] = index;
    keep();
    await readOne(reader, input(index), index);
    const before = now;
    now = performance.now();
    progress[SLOWEST] = Math.max(progress[SLOWEST], (now - before) / 1000);
    index++;
    if (now - turned > TURN_EVERY) {
      await turn();
      turned = now;
    }
  }
  keep();
  await tell({ type: 'done', next: index, peak: peakBytes(), absent });
}

process.on('message', (job: Job) => void work(job));
process.on('disconnect', () => process.exit());
await tell({ type: 'ready' });
