import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { stageOwner } from '../../node/stageName.ts';

/** Milliseconds without a sign after which another machine's claim counts for nothing, and between two signs. */
const STILL = 60_000;
const SIGN = 1000;
/** Milliseconds between two looks at a claim, at least. */
const LOOK = 10;

function claim(path: string, owner: string): boolean {
  try {
    writeFileSync(path, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether whoever made a claim will not see to it any more, as far as is known. */
function isAbandoned(path: string): boolean {
  try {
    if (stageOwner(readFileSync(path, 'utf8'))?.alive === false) return true;
    return Date.now() - statSync(path).mtimeMs > STILL;
  } catch {
    return false; // It is withdrawn.
  }
}

interface Task {
  /** The stage of this process, by which others know whether it lives. */
  readonly owner: string;
  isDone(): boolean;
  /** To be called now and then by work that takes long. */
  work(sign: () => void): Promise<void>;
}

/**
 * Does what is done once on a machine, whoever does it: others wait until it is done, or until the one who began is gone. `path` is that of a
 * file which stands while it is being done. In the worst case something is done twice.
 */
export async function alone(path: string, { owner, isDone, work }: Task): Promise<void> {
  while (!isDone()) {
    if (!claim(path, owner)) {
      if (isAbandoned(path)) rmSync(path, { force: true });
      else await setTimeout(LOOK * (1 + Math.random()));
      continue;
    }
    let signed = performance.now();
    const sign = () => {
      if (performance.now() - signed < SIGN) return;
      signed = performance.now();
      utimesSync(path, new Date(), new Date());
    };
    try {
      if (!isDone()) await work(sign);
    } finally {
      rmSync(path, { force: true });
    }
  }
}
