import { type Child, type ChildProgram, createChild, LostChildError } from './child.ts';
import { giveUp, piecesOf, type Runner, type Work } from './work.ts';

/** Times that a child may end under a piece before the piece is given up. */
const ATTEMPTS = 3;

/** Whether a piece was done, or was there before: what a child answers to its number. */
export type Doing = 'done' | 'kept';

/** Does a piece, by as many children as it takes. */
async function askFor(
  work: Work,
  piece: number,
  { child, onShare }: { child: Child<number, Doing>; onShare: (share: number) => void },
): Promise<Doing> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return await child.ask(piece, onShare);
    } catch (error) {
      if (!(error instanceof LostChildError)) throw error;
    }
  }
  const message = `the process that computed it ended ${ATTEMPTS} times, as where memory runs out`;
  giveUp(work, piece, { kind: 'crash', message });
  return 'done';
}

/** Pieces by so many children at a time, each of which opens the models once. */
export const byChildren =
  (count: number, program: ChildProgram): Runner =>
  async (work, { onDone, onShare, signal }) => {
    const pieces = piecesOf(work);
    let next = 0;
    const children = Array.from({ length: Math.min(count, pieces) }, () =>
      createChild<number, Doing>(program),
    );
    const close = () => {
      for (const child of children) child.close();
    };
    signal?.addEventListener('abort', close, { once: true });
    try {
      await Promise.all(
        children.map(async (child) => {
          for (let piece = next++; piece < pieces; piece = next++) {
            signal?.throwIfAborted();
            const asked = piece;
            const asking = { child, onShare: (share: number) => onShare?.(asked, share) };
            onDone(piece, await askFor(work, piece, asking));
          }
        }),
      );
    } catch (error) {
      // What was closed fails in words of its own.
      signal?.throwIfAborted();
      throw error;
    } finally {
      close();
    }
  };
