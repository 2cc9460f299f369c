import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageName } from './outputNames.ts';

/** What a manifest says of one explanation. */
export type Entry = Readonly<Record<string, unknown>>;

export const MANIFEST = 'manifest.json';
/** Of a large manifest, what is new since it was written. */
export const JOURNAL = 'manifest.journal';
/** Ends a record of the journal: indented JSON has no empty lines. */
export const END = '\n\n';

function parse(read: () => string): unknown {
  try {
    return JSON.parse(read());
  } catch {
    return undefined; // No such file, or not one of ours: nothing is known of the folder.
  }
}

const isEntry = (value: unknown): value is Entry & { image: string } =>
  typeof value === 'object' && value !== null && typeof (value as { image?: unknown }).image === 'string';

/** The name that the files of an entry's picture begin with: as it was given, or that of its file. */
export const nameOf = ({ name, image }: Entry): string =>
  typeof name === 'string' ? name : imageName(String(image));

/** Checksums in an entry, as far as it is one of ours. */
export function sumsOf({ sha256 }: Entry): {
  readonly image: unknown;
  readonly files: ReadonlyMap<string, unknown>;
} {
  const { image, files } = (sha256 ?? {}) as { image?: unknown; files?: Readonly<Record<string, unknown>> };
  return { image, files: new Map(Object.entries(files ?? {})) };
}

/** The same for all entries that one run gave of one picture, as its bytes were then. */
export const groupKey = (entry: Entry): string =>
  JSON.stringify([nameOf(entry), entry.run, sumsOf(entry).image]);

/** The groups of entries in a list, each in its order. */
function groupsOf(list: unknown): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of Array.isArray(list) ? list.filter(isEntry) : []) {
    const key = groupKey(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** A picture's entries in each record of a journal; one that was being written when its process was killed has no end. */
function journalOf(folder: string): unknown[] {
  let text = '';
  try {
    text = readFileSync(join(folder, JOURNAL), 'utf8');
  } catch {
    return [];
  }
  const records = text.split(END).slice(0, -1);
  return records.map((record) => parse(() => `[${record}]`));
}

/** Whether a folder's manifest is one of explanations. */
export function isManifest(folder: string): boolean {
  const { jetgrad, images } = (parse(() => readFileSync(join(folder, MANIFEST), 'utf8')) ?? {}) as {
    readonly jetgrad?: unknown;
    readonly images?: unknown;
  };
  return typeof jetgrad === 'string' && Array.isArray(images);
}

/** What a folder says of its pictures: groups of entries, of one run and one picture each. */
export function readManifest(folder: string): Iterable<Entry[]> {
  const manifest = parse(() => readFileSync(join(folder, MANIFEST), 'utf8')) as
    | { images?: unknown }
    | undefined;
  const found = new Map<string, Entry[]>();
  for (const list of [manifest?.images, ...journalOf(folder)]) {
    for (const [key, group] of groupsOf(list)) found.set(key, group);
  }
  return found.values();
}

const OPENING = '{\n  "images": [\n';
const CLOSING = '\n  ]\n}';

/** The lines that a picture's entries are in a manifest. */
export function linesOf(images: readonly Entry[]): Buffer {
  return Buffer.from(JSON.stringify({ images }, null, 2).slice(OPENING.length, -CLOSING.length));
}

/** The entries that lines say. */
export function entriesOf(lines: Uint8Array): Entry[] {
  return JSON.parse(`[${new TextDecoder().decode(lines)}]`) as Entry[];
}

/** A manifest around the lines of its pictures, in pieces. */
export function* manifestPieces(
  { warnings, ...head }: Entry,
  pictures: Iterable<Uint8Array>,
): Generator<string | Uint8Array> {
  const [before, after] = JSON.stringify({ ...head, images: [0], warnings }, null, 2).split('\n    0\n');
  yield before;
  let between = '\n';
  for (const lines of pictures) {
    yield between;
    yield lines;
    between = ',\n';
  }
  yield `\n${after}\n`;
}
