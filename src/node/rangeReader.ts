import { basename } from 'node:path';
import type { StoredTensor } from '../model/data/format.ts';
import { allocateTensor, createTensorMemory } from '../model/data/tensorMemory.ts';
import { fileOf, type TensorFile } from '../model/file/tensorFile.ts';
import {
  checkUnchanged,
  closeFile,
  holdFile,
  type OpenFile,
  openFile,
  openFileOrPipe,
  readLater,
  readNow,
} from './openFile.ts';

const CHUNK = 2 * 1024 * 1024; // bytes
const IN_FLIGHT = 4;

/** A file that is read by ranges: what is taken is filled by the reader's `fill`. */
export type RangedFile = TensorFile;

/** Reads ranges of files straight to where the kernels want them. */
export interface RangeReader {
  /** Opens the file that the caller named; a pipe is read to its end. @throws InputError as `openFileOrPipe`. */
  openFirst(path: string): Promise<RangedFile>;
  /** Opens each other file once, which is told of by `name`. @throws InputError as `openFile`. */
  open(path: string, name: string, what: string): RangedFile;
  /**
   * Fills tensors with what was taken for them, several reads at a time. `visit` sees the bytes of all of them in order, those that
   * are deferred among them.
   * @throws InputError for a file that ends before its time, or was changed since it was opened.
   */
  fill(tensors: Iterable<StoredTensor>, visit?: (bytes: Uint8Array) => void): Promise<void>;
  /** Closes the files of which nothing is deferred, and holds the others. */
  close(): void;
}

/** Where bytes come from. */
interface Source {
  readonly file: OpenFile;
  readonly offset: number;
}

/** Rooms that bytes pass through, taken in turn. */
function* roomsInTurn(): Generator<Uint8Array, never> {
  const rooms: Uint8Array[] = [];
  for (let i = 0; ; i = (i + 1) % IN_FLIGHT) {
    rooms[i] ??= new Uint8Array(CHUNK);
    yield rooms[i];
  }
}

/** `onOpen` hears of every file that is opened, and by what name. */
export function createRangeReader(onOpen?: (file: OpenFile, name: string) => void): RangeReader {
  const memory = createTensorMemory();
  const ranged = new Map<string, RangedFile>();
  const files = new Set<OpenFile>();
  const lasting = new Set<OpenFile>();
  /** By the bytes that were taken, or by what stands for those that are deferred. */
  const sources = new WeakMap<object, Source>();

  function rangedFile(file: OpenFile): RangedFile {
    const { whole } = file;
    if (whole !== undefined) {
      return fileOf(whole);
    }
    return {
      size: file.size,
      read(offset, length) {
        const bytes = new Uint8Array(length);
        readNow(file, bytes, offset);
        return bytes;
      },
      take(offset, length) {
        const bytes = allocateTensor(memory, length);
        sources.set(bytes, { file, offset });
        return bytes;
      },
      defer(offset, length) {
        const readInto = (into: Uint8Array) => {
          checkUnchanged(file);
          readNow(file, into, offset);
        };
        const bytes = { length, memory, readInto };
        sources.set(bytes, { file, offset });
        lasting.add(file);
        return bytes;
      },
    };
  }

  /** The reads of a tensor's chunks, each begun when it is asked for. */
  function* readsOf(
    stored: StoredTensor,
    rooms: Iterator<Uint8Array, never>,
  ): Generator<Promise<Uint8Array>> {
    const bytes = stored.deferred ?? stored.bytes;
    const source = sources.get(bytes);
    if (source === undefined) {
      yield Promise.resolve(stored.bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const length = Math.min(CHUNK, bytes.length - at);
      const room = bytes instanceof Uint8Array ? bytes.subarray(at) : rooms.next().value;
      const into = room.subarray(0, length);
      yield readLater(source.file, into, source.offset + at).then(() => into);
    }
  }

  return {
    async openFirst(path) {
      const file = await openFileOrPipe(path);
      files.add(file);
      onOpen?.(file, basename(path));
      return rangedFile(file);
    },
    open(path, name, what) {
      let found = ranged.get(name);
      if (found === undefined) {
        const file = openFile(path, what);
        files.add(file);
        onOpen?.(file, name);
        found = rangedFile(file);
        ranged.set(name, found);
      }
      return found;
    },
    async fill(tensors, visit) {
      const queue: Promise<Uint8Array>[] = [];
      const rooms = roomsInTurn();
      const next = async () => {
        const bytes = (await queue.shift()) as Uint8Array;
        visit?.(bytes);
      };
      try {
        for (const stored of tensors) {
          if (stored.deferred !== undefined && visit === undefined) continue;
          for (const chunk of readsOf(stored, rooms)) {
            chunk.catch(() => {}); // It is awaited later.
            queue.push(chunk);
            if (queue.length >= IN_FLIGHT) await next();
          }
        }
        while (queue.length > 0) await next();
        for (const file of files) {
          if (file.whole === undefined) checkUnchanged(file, 'while it was read');
        }
      } finally {
        await Promise.allSettled(queue);
      }
    },
    close() {
      for (const file of files) {
        if (lasting.has(file)) holdFile(file);
        else closeFile(file);
      }
    },
  };
}
