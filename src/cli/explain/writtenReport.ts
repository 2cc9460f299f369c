import type { Ended } from '../../node/explanation/ledger.ts';
import { MANIFEST } from '../../node/explanation/manifestText.ts';
import type { Io } from '../shared/io.ts';

/** What became of the pictures of a run. */
export interface Tally {
  /** Pictures that were explained before. */
  kept: number;
  /** Pictures with files that took the place of others. */
  replaced: number;
  /** Files. */
  written: number;
}

const files = (count: number) => (count === 1 ? '1 file' : `${count} files`);
const pictures = (count: number) => (count === 1 ? '1 picture' : `${count} pictures`);

/** Says what was written, and what became of what was there. */
export function printWritten(
  io: Io,
  out: string,
  { written, kept, replaced, beside, dropped }: Tally & Ended,
): void {
  const line = (word: string, text: string) => io.print(`  ${io.colors.dim(word.padEnd(8))} ${text}`);
  io.print('');
  line('written', written === 0 ? `${MANIFEST} in ${out}` : `${files(written)} and ${MANIFEST} in ${out}`);
  if (kept > 0)
    line('kept', `${pictures(kept)} that the same arguments explained before; --fresh explains all anew`);
  if (replaced > 0) line('replaced', `the files that ${pictures(replaced)} had before`);
  if (beside.length > 0)
    line('beside', `${MANIFEST} still has what other arguments gave of ${pictures(beside.length)}`);
  if (dropped.length > 0)
    line('dropped', `${pictures(dropped.length)} whose files are gone; ${MANIFEST} is no longer about them`);
}
