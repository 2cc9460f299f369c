import { posix } from 'node:path';
import type { SetFile } from '../../evaluate/sets/set.ts';
import { type StoredPicture, storedPicture } from '../../evaluate/sets/storedPicture.ts';
import { type Content, contentOf, contentOfFile, type StoredFile } from '../../evaluate/store/content.ts';
import type { ContentFolder } from '../../evaluate/store/contentFolder.ts';
import { keyOfPiece, piecesOf, type Work } from '../../evaluate/work.ts';
import { bundled } from '../../node/ownPackage.ts';
import { InputError } from '../../tensor/errors.ts';
import type { EvaluateFlags, SubjectFlags } from './openWork.ts';
import { BUNDLED, isInside, MODELS, PART, type QueuedSet, SET_FORMAT } from './setFormat.ts';

/** What takes files of a set by their content. */
export type Keep = Pick<ContentFolder, 'keepFile' | 'keepBytes'>;

/** Takes nothing: where only the name of a set is wanted. */
export const keepNothing: Keep = { keepFile() {}, keepBytes: contentOf };

const last = (path: string) => path.split(/[/\\]/).at(-1) ?? '';

/** Flags by names inside of the set, and what lies there under them. */
function portable(flags: EvaluateFlags, { models }: Work): { flags: SubjectFlags; files: SetFile[] } {
  const { out, jobs, quiet, threads, queue, cancel, limit, ...asked } = flags;
  const files: SetFile[] = [];
  function inSet(name: string, path: string): string {
    if (!isInside(name)) {
      throw new InputError(
        `Cannot queue ${path}: its name must do on every system; rename it, without \\ and :`,
      );
    }
    if (!files.some((each) => each.name === name)) files.push({ name, path });
    return name;
  }
  const model = asked.model.map((path, i) => {
    if (path === bundled.model) return BUNDLED;
    const names = models[i].files.map((file) =>
      inSet(`${MODELS}/${i}/${posix.normalize(file.name)}`, file.path),
    );
    return names[0];
  });
  const { labels, preprocess } = asked;
  const isFile = preprocess !== undefined && /\.json$/i.test(preprocess);
  return {
    flags: {
      ...asked,
      model,
      ...(labels !== undefined && { labels: inSet(`labels/${last(labels)}`, labels) }),
      ...(isFile && { preprocess: inSet(`preprocess/${last(preprocess)}`, preprocess) }),
    },
    files,
  };
}

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The pictures of a set in parts of equal number, each a file; undefined where they are drawn. */
function keepPictures({ set }: Work, keep: Keep): Content[] | undefined {
  const { pictureAt, count } = set;
  if (pictureAt === undefined) return undefined;
  const parts: Content[] = [];
  function contentAt({ path, name }: SetFile): Content {
    const content = contentOfFile(path, name);
    keep.keepFile(path, content);
    return content;
  }
  for (let start = 0; start < count; start += PART) {
    const pictures: StoredPicture[] = [];
    for (let i = start; i < Math.min(count, start + PART); i++) {
      pictures.push(storedPicture(pictureAt(i), contentAt));
    }
    parts.push(keep.keepBytes(bytesOf(pictures)));
  }
  return parts;
}

/**
 * What an evaluation is to workers, with its name, which is that of its content; `keep` gets all that it is made of, so that a machine
 * which has the name can get the rest.
 */
export function queuedSet(
  set: string,
  given: EvaluateFlags,
  { work, keep }: { readonly work: Work; readonly keep: Keep },
): { id: string; queued: QueuedSet } {
  const { flags, files } = portable(given, work);
  const stored = files.map(({ name, path }): StoredFile => {
    const content = contentOfFile(path);
    keep.keepFile(path, content);
    return { name, ...content };
  });
  const parts = keepPictures(work, keep);
  const keys = Array.from({ length: piecesOf(work) }, (_, piece) => keyOfPiece(work, piece));
  const pictures = parts === undefined ? { drawn: set } : { parts };
  const queued: QueuedSet = { format: SET_FORMAT, flags, files: stored, ...pictures, keys };
  return { id: keep.keepBytes(bytesOf(queued)).sha256, queued };
}
