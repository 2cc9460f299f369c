import type { PieceAnswer, PieceAsked } from '../../evaluate/children.ts';
import { doPiece, type Work } from '../../evaluate/work.ts';
import { setThreads } from '../../node/setThreads.ts';
import { InputError } from '../../tensor/errors.ts';
import { setBackend } from '../../tensor/kernels/backend.ts';
import { type EvaluateFlags, openWork } from './openWork.ts';

/** What a child is told first. */
export interface ChildTask {
  readonly set: string;
  readonly flags: EvaluateFlags;
}

const isTask = (message: ChildTask | PieceAsked): message is ChildTask => 'set' in message;

/** Does the pieces that the parent asks for, one after another, until the parent is gone. */
export function answerPieces(): Promise<void> {
  if (process.send === undefined) {
    throw new InputError(
      'Cannot run evaluate-child: it is what evaluate --jobs starts; see jetgrad evaluate --help',
    );
  }
  let work: Promise<Work> | undefined;
  async function answer({ piece }: PieceAsked): Promise<PieceAnswer> {
    try {
      return { piece, how: await doPiece(await (work as Promise<Work>), piece) };
    } catch (error) {
      return { piece, fault: error instanceof Error ? error.message : String(error) };
    }
  }
  return new Promise((resolve) => {
    process.on('disconnect', () => resolve());
    process.on('message', (message: ChildTask | PieceAsked) => {
      if (!isTask(message)) {
        answer(message).then((found) => process.connected && process.send?.(found));
        return;
      }
      setBackend(message.flags.backend);
      setThreads(1);
      work = openWork(message.set, message.flags, { warn: () => {} });
      // Heard where the first piece waits for it.
      work.catch(() => {});
    });
  });
}
