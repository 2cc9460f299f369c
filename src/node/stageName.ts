import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The process that a stage belongs to. */
export interface StageOwner {
  /** The stage's folder, without what it lies in. */
  readonly name: string;
  readonly pid: number;
  readonly alive: boolean;
}

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/**
 * When a process began, by the system's own clock; '0' where the system does not say, '' where there is no such process or only its
 * remains. Two processes that had one number are told apart by it.
 */
function beginningOf(pid: number): string {
  try {
    const fields = (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) as string).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19];
  } catch {
    // No such process, or a system without /proc: the signal 0 tells which.
  }
  try {
    process.kill(pid, 0);
    return '0';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '0' : '';
  }
}

/** A name for a stage that says whose it is: the machine, the process, and when that began. */
export function stageName(): string {
  const { pid } = process;
  return `.jetgrad-${host}-${pid}-${beginningOf(pid)}-${randomBytes(6).toString('hex')}`;
}

/** Whose a stage is, by its name; undefined for what is no stage, or of another machine. */
export function stageOwner(name: string): StageOwner | undefined {
  const [, itsHost, pid, began] = /^\.jetgrad-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{12}$/.exec(name) ?? [];
  if (itsHost !== host) return undefined;
  return { name, pid: Number(pid), alive: beginningOf(Number(pid)) === began };
}

/** The stages in a folder of processes of this machine. */
export const stagesIn = (folder: string): StageOwner[] =>
  readdirSync(folder).flatMap((name) => stageOwner(name) ?? []);

/** Removes what processes that are no more have left. Another machine's stages stay: whether it still runs is not known here. */
export function clearDeadStages(folder: string): void {
  for (const { name, alive } of stagesIn(folder)) {
    if (!alive) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
