import { serve } from '../../evaluate/child.ts';
import type { Job } from '../../evaluate/queue/job.ts';
import { WorkerEndError } from '../../evaluate/queue/resultStore.ts';
import { computePiece, keyOfPiece, type Work } from '../../evaluate/work.ts';
import { InputError } from '../../tensor/errors.ts';
import { setBackend } from '../../tensor/kernels/backend.ts';
import { openWork } from '../evaluate/openWork.ts';
import { flagsHere, setReader } from '../evaluate/queuedSet.ts';

/** A set that is open, and the piece of each key. */
interface Opened {
  readonly work: Work;
  readonly pieces: ReadonlyMap<string, number>;
}

/** Opens sets of a folder, one after another: the models of one are loaded at a time. */
function setOpener(out: string): (id: string) => Promise<Opened> {
  const read = setReader(out);
  let last: { readonly id: string; readonly opened: Promise<Opened> } | undefined;
  async function open(id: string): Promise<Opened> {
    const queued = read(id);
    const flags = flagsHere(queued, out);
    setBackend(flags.backend);
    const pieces = new Map(queued.keys.map((key, piece) => [key, piece]));
    return { work: await openWork(queued.set, flags, { warn: () => {} }), pieces };
  }
  return (id) => {
    last = last?.id === id ? last : { id, opened: open(id) };
    return last.opened;
  };
}

/** Of a set that this machine lacks, or has another of: no other job would do. */
const unfit = (id: string, why: string) =>
  new WorkerEndError(`Cannot work on the set ${id.slice(0, 16)}… here: ${why}`);

/** Computes the jobs that the parent asks for, until the parent is gone. */
export function answerJobs(out: string): Promise<void> {
  const open = setOpener(out);
  return serve<Job, Uint8Array>(async ({ set, key }) => {
    const { work, pieces } = await open(set).catch((error: unknown) => {
      throw error instanceof InputError ? unfit(set, error.message) : error;
    });
    const piece = pieces.get(key);
    if (piece === undefined) throw new InputError(`Cannot do ${key}: the set ${set} has no such piece`);
    if (keyOfPiece(work, piece) !== key) {
      throw unfit(set, 'its picture or model, or the version of jetgrad, is not that of the command');
    }
    return computePiece(work, piece);
  }, 'jetgrad work');
}
