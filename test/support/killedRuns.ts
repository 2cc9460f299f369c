import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { encodePng } from '../../src/node/pictures/encodePng.ts';
import { decodeNpy } from '../../src/tensor/npy.ts';
import { createRandom } from '../../src/tensor/random.ts';

export interface KillOptions {
  /** A folder of the caller's own. */
  readonly folder: string;
  readonly pictures: number;
  readonly kills: number;
  readonly seed: number;
  /** Kills come within so many milliseconds of a start. */
  readonly within: number;
  /** Starts `jetgrad` with these arguments. */
  readonly command: readonly string[];
  /** Further flags of explain. */
  readonly flags?: readonly string[];
  /** Each round explains a class of its own: its files stand beside those of the rounds before, which must stay as they are. */
  readonly beside?: boolean;
}

/** What a killed run left. */
export interface Killed {
  /** Rounds that were finished before it began. */
  readonly round: number;
  /** Milliseconds from the start to the kill. */
  readonly after: number;
  /** Pictures of its round that are finished by now. */
  readonly finished: number;
  /** Pictures that were finished before and are not any more, or not as they were. */
  readonly lost: readonly string[];
  /** Result files that are no whole file. */
  readonly broken: readonly string[];
  /** What the manifest says that is not so. */
  readonly untrue: readonly string[];
  /** Pictures that have files and no entry: at most the one that was being replaced. */
  readonly unsaid: readonly string[];
}

/** What the run left that was not killed. */
export interface Last {
  readonly code: number | null;
  readonly stderr: string;
  readonly finished: number;
  /** Pictures that were finished before and were explained again. */
  readonly again: readonly string[];
  readonly untrue: readonly string[];
  /** What is there and is no result. */
  readonly left: readonly string[];
}

interface Entry {
  readonly image: string;
  readonly choices: { readonly seed: number };
  readonly files: readonly string[];
  readonly sha256: { readonly files: Readonly<Record<string, string>> };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Small pictures of noise; their paths. */
function makePictures({ folder, pictures, seed }: KillOptions): string[] {
  const random = createRandom(seed);
  mkdirSync(join(folder, 'in'), { recursive: true });
  return Array.from({ length: pictures }, (_, i) => {
    const path = join(folder, 'in', `${String(i).padStart(3, '0')}.png`);
    const data = Uint8Array.from({ length: 4 * 16 * 16 }, (_, j) =>
      j % 4 === 3 ? 255 : random.integer(256),
    );
    writeFileSync(path, encodePng({ width: 16, height: 16, data }));
    return path;
  });
}

/** The manifest's entries; none where there is no manifest, undefined where it is not whole. */
function manifestOf(out: string): Entry[] | undefined {
  const path = join(out, 'manifest.json');
  if (!existsSync(path)) return [];
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { images: Entry[] }).images;
  } catch {
    return undefined;
  }
}

/** Entries whose files are not there as the entries say. */
function untrueOf(out: string, entries: readonly Entry[]): string[] {
  const wrong = (entry: Entry) =>
    entry.files.some((file) => {
      const path = join(out, file);
      return !existsSync(path) || sha256(readFileSync(path)) !== entry.sha256.files[file];
    });
  return entries.filter(wrong).map(({ image }) => image);
}

function resultsIn(out: string): string[] {
  return existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('.npy')) : [];
}

/** Files under their own names that cannot be read. */
function brokenIn(out: string): string[] {
  return resultsIn(out).filter((name) => {
    try {
      decodeNpy(readFileSync(join(out, name)), name);
      return false;
    } catch {
      return true;
    }
  });
}

/** Pictures without an entry, though files of theirs stand there under their names. */
function unsaidIn(out: string, entries: readonly Entry[]): string[] {
  const said = new Set(entries.flatMap(({ files }) => files));
  return [
    ...new Set(
      resultsIn(out)
        .filter((name) => !said.has(name))
        .map((name) => name.split('.')[0]),
    ),
  ];
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function start(
  { command, folder, flags = [], beside }: KillOptions,
  images: readonly string[],
  round: number,
) {
  const given = [
    '--method',
    'gradcam',
    '--format',
    'npy',
    '--quiet', // The seed tells the rounds apart, though no method here reads it.
    '--seed',
    String(round),
    '--out',
    join(folder, 'out'),
    ...(beside === true ? ['--class', String(round)] : []),
  ];
  const argv = [...command.slice(1), 'explain', ...images, ...given, ...flags];
  const child = spawn(command[0], argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, stderr })));
  return { child, ended };
}

/** Entries that must stay, whole: an explanation that was made anew took another time, and differs. */
function finishedIn(entries: readonly Entry[], round: number, { beside }: KillOptions): Map<string, string> {
  const own = entries.filter(({ choices }) => choices.seed === round || beside === true);
  return new Map(own.map((entry) => [`${entry.image} ${entry.choices.seed}`, JSON.stringify(entry)]));
}

const missing = (before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>) =>
  [...before].filter(([image, text]) => now.get(image) !== text).map(([image]) => image);

/**
 * Starts `explain` over many pictures again and again, kills it at random moments, and looks at what is there after each. When all
 * pictures are finished a new round begins with another seed, whose results take the places of the old ones. The last run may end.
 */
export async function killRuns(options: KillOptions): Promise<{ killed: Killed[]; last: Last }> {
  const out = join(options.folder, 'out');
  const images = makePictures(options);
  const random = createRandom(options.seed + 1);
  const killed: Killed[] = [];
  let before = new Map<string, string>();
  let round = 0;
  const wanted = () => images.length * (options.beside === true ? round + 1 : 1);
  for (let i = 0; i < options.kills; i++) {
    const after = Math.round(random.uniform() * options.within);
    const { child, ended } = start(options, images, round);
    // Beside what is finished the others are killed.
    await (options.beside === true && i === 0 ? ended : Promise.race([ended, setTimeout(after)]));
    child.kill('SIGKILL');
    await ended;
    const entries = manifestOf(out);
    const now = finishedIn(entries ?? [], round, options);
    const untrue = entries === undefined ? ['the manifest is not whole'] : untrueOf(out, entries);
    const [lost, broken, unsaid] = [missing(before, now), brokenIn(out), unsaidIn(out, entries ?? [])];
    killed.push({ round, after, finished: now.size, lost, broken, untrue, unsaid });
    before = now;
    if (now.size === wanted()) {
      round++;
      if (options.beside !== true) before = new Map();
    }
  }
  const { code, stderr } = await start(options, images, round).ended;
  const entries = manifestOf(out) ?? [];
  const now = finishedIn(entries, round, options);
  const left = readdirSync(out).filter(
    (name) => !/^\d+(\.c\d+)?\.\w+\.\w+\.npy$|^manifest\.json$/.test(name),
  );
  const last = {
    code,
    stderr,
    finished: now.size,
    again: missing(before, now),
    untrue: untrueOf(out, entries),
    left,
  };
  return { killed, last };
}
