import type { Job } from '../../evaluate/queue/job.ts';
import { WorkerEndError } from '../../evaluate/queue/resultStore.ts';
import { filesOf } from '../../evaluate/sets/filePicture.ts';
import { openSet } from '../../evaluate/sets/openSet.ts';
import { parseStoredPicture, type StoredPicture, storedSet } from '../../evaluate/sets/storedPicture.ts';
import { type Content, ContentError } from '../../evaluate/store/content.ts';
import type { FileCache } from '../../evaluate/store/fileCache.ts';
import { computePiece, type Evaluation, keyOfPiece } from '../../evaluate/work.ts';
import { bundled } from '../../node/ownPackage.ts';
import { InputError } from '../../tensor/errors.ts';
import { setBackend } from '../../tensor/kernels/backend.ts';
import { openSubject, type SubjectFlags } from '../evaluate/openWork.ts';
import { BUNDLED, inFolder, PART, parseList, parseQueuedSet, type QueuedSet } from '../evaluate/setFormat.ts';

/** Of a set that this machine lacks, or has another of: no other job would do. */
const unfit = (id: string, why: string) =>
  new WorkerEndError(`Cannot work on the set ${id.slice(0, 16)}… here: ${why}`);

/** One piece of a set, ready to be computed. */
interface Piece {
  readonly evaluation: Evaluation;
  readonly piece: number;
  /** Gets what is read of it. */
  fetch(): Promise<void>;
}

/** A set that is open: its models are loaded. */
interface OpenedSet {
  readonly pieces: ReadonlyMap<string, number>;
  pieceAt(piece: number): Promise<Piece>;
}

/** Flags that name files of this machine. */
function flagsIn(folder: string, { flags }: QueuedSet): SubjectFlags {
  const { labels, preprocess, model } = flags;
  return {
    ...flags,
    model: model.map((name) => (name === BUNDLED ? bundled.model : inFolder(folder, name))),
    labels: labels && inFolder(folder, labels),
    // What is no preset is a file, whose names have a folder.
    preprocess: preprocess?.includes('/') ? inFolder(folder, preprocess) : preprocess,
  };
}

async function openQueuedSet(id: string, cache: FileCache): Promise<OpenedSet> {
  const queued = parseQueuedSet(await cache.readList(id));
  const { flags, files, drawn, parts = [], keys } = queued;
  setBackend(flags.backend);
  const folder = files.length === 0 ? '' : await cache.layOut(id, files);
  const { labels, ...subject } = await openSubject(flagsIn(folder, queued), { warn: () => {} });
  const { length: models } = subject.models;
  const pieces = new Map(keys.map((key, piece) => [key, piece]));
  const scenes = drawn === undefined ? undefined : openSet(drawn, { labels });
  /** Pieces come one after another: the part of the last is that of the next, nearly always. */
  let last: { readonly part: Content; readonly pictures: StoredPicture[] } | undefined;
  async function pictureAt(index: number): Promise<StoredPicture> {
    const part: Content | undefined = parts[Math.floor(index / PART)];
    if (part === undefined) throw new InputError('its list of pictures is too short');
    if (last === undefined || last.part !== part) {
      last = { part, pictures: parseList(await cache.readList(part.sha256)).map(parseStoredPicture) };
    }
    const picture: StoredPicture | undefined = last.pictures[index % PART];
    if (picture === undefined) throw new InputError('its list of pictures is too short');
    return picture;
  }
  return {
    pieces,
    async pieceAt(piece) {
      if (scenes !== undefined) {
        return { evaluation: { ...subject, set: scenes }, piece, async fetch() {} };
      }
      const picture = await pictureAt(Math.floor(piece / models));
      const bytes = new Map<string, Uint8Array>();
      const set = storedSet(picture, ({ sha256 }) => bytes.get(sha256) as Uint8Array);
      return {
        evaluation: { ...subject, set },
        piece: piece % models,
        async fetch() {
          if ('unreadable' in picture) return;
          for (const file of filesOf(picture)) bytes.set(file.sha256, await cache.read(file));
        },
      };
    },
  };
}

/** Opens sets one after another: the models of one are loaded at a time. What is wrong with all of a set ends the worker. */
function setOpener(cache: FileCache): (id: string) => Promise<OpenedSet> {
  let last: { readonly id: string; readonly opened: Promise<OpenedSet> } | undefined;
  return (id) => {
    if (last?.id !== id) {
      const opened = openQueuedSet(id, cache).catch((error: unknown) => {
        throw error instanceof InputError || error instanceof ContentError ? unfit(id, error.message) : error;
      });
      last = { id, opened };
    }
    return last.opened;
  };
}

/**
 * What computes jobs, by the files that a cache gets for it: those of a picture when its job comes.
 * @throws WorkerEndError for a set that this machine cannot work on; InputError for a picture that nobody can use.
 */
export function openJobs(cache: FileCache): (job: Job) => Promise<Uint8Array> {
  const open = setOpener(cache);
  return async ({ set, key }) => {
    const { pieces, pieceAt } = await open(set);
    const index = pieces.get(key);
    if (index === undefined) throw new InputError(`Cannot do ${key}: the set ${set} has no such piece`);
    const { evaluation, piece, fetch } = await pieceAt(index);
    if (keyOfPiece(evaluation, piece) !== key) {
      throw unfit(set, 'its picture or model, or the version of jetgrad, is not that of the command');
    }
    await fetch();
    return computePiece(evaluation, piece);
  };
}
