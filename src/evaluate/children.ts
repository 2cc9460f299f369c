import type { ChildProcess } from 'node:child_process';
import { giveUp, piecesOf, type Runner, type Work } from './work.ts';

/** Times that a child may end under a piece before the piece is given up. */
const ATTEMPTS = 3;

/** What a child is asked, and what it answers. */
export interface PieceAsked {
  readonly piece: number;
}
export type PieceAnswer = PieceAsked & ({ readonly how: 'done' | 'kept' } | { readonly fault: string });

/** A child that does one piece after another, started again where it ended. */
function createDesk(start: () => ChildProcess) {
  let child: ChildProcess | undefined;
  /** What the child answers; undefined where it ended before it did. */
  function ask(piece: number): Promise<PieceAnswer | undefined> {
    child ??= start();
    const asked = child;
    return new Promise((resolve) => {
      const settle = (answer: PieceAnswer | undefined) => {
        asked.off('message', onMessage).off('exit', onEnd).off('error', onEnd);
        resolve(answer);
      };
      const onMessage = (message: unknown) => settle(message as PieceAnswer);
      const onEnd = () => {
        child = undefined;
        settle(undefined);
      };
      asked.on('message', onMessage).on('exit', onEnd).on('error', onEnd);
      asked.send({ piece } satisfies PieceAsked, (error) => {
        if (error !== null) onEnd();
      });
    });
  }
  return { ask, close: () => void child?.kill() };
}

/** Does a piece, by as many children as it takes. */
async function askFor(
  work: Work,
  piece: number,
  desk: ReturnType<typeof createDesk>,
  signal?: AbortSignal,
): Promise<'done' | 'kept'> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await desk.ask(piece);
    signal?.throwIfAborted();
    if (answer === undefined) continue;
    if ('how' in answer) return answer.how;
    throw new Error(answer.fault);
  }
  const message = `the process that computed it ended ${ATTEMPTS} times, as where memory runs out`;
  giveUp(work, piece, { kind: 'crash', message });
  return 'done';
}

/** Pieces by so many children at a time, each of which opens the models once. */
export const byChildren =
  (count: number, start: () => ChildProcess): Runner =>
  async (work, { onDone, signal }) => {
    const pieces = piecesOf(work);
    let next = 0;
    const desks = Array.from({ length: Math.min(count, pieces) }, () => createDesk(start));
    const close = () => {
      for (const desk of desks) desk.close();
    };
    signal?.addEventListener('abort', close, { once: true });
    try {
      await Promise.all(
        desks.map(async (desk) => {
          for (let piece = next++; piece < pieces; piece = next++) {
            signal?.throwIfAborted();
            onDone(piece, await askFor(work, piece, desk, signal));
          }
        }),
      );
    } finally {
      close();
    }
  };
