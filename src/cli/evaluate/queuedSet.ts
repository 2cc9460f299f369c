import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WorkerEndError } from '../../evaluate/queue/resultStore.ts';
import { keyOfPiece, piecesOf, type Work } from '../../evaluate/work.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { bundled } from '../../node/ownPackage.ts';
import { prepareFile } from '../../node/stage.ts';
import { type EvaluateFlags, resultsIn } from './openWork.ts';

/** A set as workers read it in the folder of results: what was asked, and the keys of its pieces. */
export interface QueuedSet {
  readonly set: string;
  readonly flags: Omit<EvaluateFlags, 'out' | 'jobs' | 'quiet'>;
  /** By piece. */
  readonly keys: readonly string[];
}

/** Stands for the bundled model, which lies elsewhere on every machine. No path: those are absolute. */
const BUNDLED = 'bundled';

const placeOf = (out: string, id: string) => join(resultsIn(out), 'sets', `${id}.json`);

const isGenerated = (set: string) => /^scenes:/.test(set);

/** The folder in the name of a set made absolute: workers run elsewhere. */
function absoluteSet(set: string): string {
  if (isGenerated(set)) return set;
  const [, kind = '', folder = set] = /^((?:coco|voc):)(.+)$/s.exec(set) ?? [];
  return `${kind}${resolve(folder)}`;
}

const absolute = (path: string | undefined) => path && resolve(path);

/** Flags as any machine that has the same files can use them. */
function portable(flags: EvaluateFlags): QueuedSet['flags'] {
  const { out, jobs, quiet, queue, cancel, ...asked } = flags;
  const isFile = asked.preprocess?.endsWith('.json') === true;
  return {
    ...asked,
    model: asked.model.map((path) => (path === bundled.model ? BUNDLED : resolve(path))),
    ...(asked.labels !== undefined && { labels: absolute(asked.labels) }),
    ...(isFile && { preprocess: absolute(asked.preprocess) }),
  };
}

/** What an evaluation is to workers, and its name, which is that of its content. */
export function queuedSet(set: string, flags: EvaluateFlags, work: Work): { id: string; queued: QueuedSet } {
  const keys = Array.from({ length: piecesOf(work) }, (_, piece) => keyOfPiece(work, piece));
  const queued = { set: absoluteSet(set), flags: portable(flags), keys };
  return { id: sha256Of(JSON.stringify(queued)), queued };
}

/** Puts a set where workers look for it. */
export function writeQueuedSet(out: string, id: string, queued: QueuedSet): void {
  const path = placeOf(out, id);
  if (existsSync(path)) return;
  mkdirSync(join(path, '..'), { recursive: true });
  prepareFile(path, [JSON.stringify(queued)], `${path}.${process.pid}.part`).place();
}

/** A set by its name, 64 hexadecimal digits. @throws WorkerEndError where it is not in the folder, or is changed. */
function readQueuedSet(out: string, id: string): QueuedSet {
  const path = placeOf(out, id);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new WorkerEndError(
      `Cannot work on the set ${id.slice(0, 16)}…: ${path} cannot be read; give the folder of the command by --out`,
    );
  }
  if (sha256Of(text) === id) return JSON.parse(text) as QueuedSet;
  throw new WorkerEndError(`Cannot work on the set ${id.slice(0, 16)}…: ${path} was changed`);
}

/** The flags that a set was asked with, for this machine. */
export const flagsHere = ({ flags }: QueuedSet, out: string): EvaluateFlags => ({
  ...flags,
  out,
  model: flags.model.map((path) => (path === BUNDLED ? bundled.model : path)),
});

/** Reads sets once. */
export function setReader(out: string): (id: string) => QueuedSet {
  let last: { readonly id: string; readonly queued: QueuedSet } | undefined;
  return (id) => {
    if (last?.id !== id) last = { id, queued: readQueuedSet(out, id) };
    return last.queued;
  };
}
