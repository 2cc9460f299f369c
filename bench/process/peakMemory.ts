import { readFileSync } from 'node:fs';

/**
 * Bytes of the most memory that this process held at once. Linux: of the program alone; `maxRSS` there begins with the memory of
 * the process that started it.
 */
export function peakMemory(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // No such file: not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
