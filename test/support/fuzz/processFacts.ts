import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICKS = 100;

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return undefined;
  }
}

/** Seconds of the processor that a process has used; where the system does not tell, seconds of the clock. */
export function cpuSeconds(pid: number): number {
  // Behind the name in parentheses, which may hold anything: the state, then utime and stime as the 12th and 13th.
  const fields = procFile(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? performance.now() / 1000 : (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Bytes of a process that are in memory; 0 where the system does not tell. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(procFile(pid, 'status') ?? '')?.[1] ?? 0) * 1024;
}
