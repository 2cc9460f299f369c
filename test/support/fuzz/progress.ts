import { readFileSync } from 'node:fs';

/** What stands in the file through which a process that reads inputs says where it is, each a float64, in this order. */
export const PROGRESS_FIELDS = ['index', 'taken', 'refused', 'slowest'] as const;

/** The number of the input that is being read, or −1; of this job so far: inputs taken, refused, seconds of the slowest. */
export type Progress = Readonly<Record<(typeof PROGRESS_FIELDS)[number], number>>;

export function readProgress(path: string): Progress {
  const values = new Float64Array(Uint8Array.from(readFileSync(path)).buffer);
  const [index, taken, refused, slowest] = values;
  return { index, taken, refused, slowest };
}
