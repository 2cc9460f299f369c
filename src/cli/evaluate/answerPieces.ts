import { serve } from '../../evaluate/child.ts';
import type { Doing } from '../../evaluate/children.ts';
import { doPiece, type Work } from '../../evaluate/work.ts';
import { setThreads } from '../../node/setThreads.ts';
import { setBackend } from '../../tensor/kernels/backend.ts';
import { type EvaluateFlags, openWork } from './openWork.ts';

/** What a child is told, as JSON. */
export interface ChildTask {
  readonly set: string;
  readonly flags: EvaluateFlags;
}

/** Does the pieces that the parent asks for, one after another, until the parent is gone. */
export function answerPieces(task: string): Promise<void> {
  let work: Promise<Work> | undefined;
  function open(): Promise<Work> {
    const { set, flags } = JSON.parse(task) as ChildTask;
    setBackend(flags.backend);
    setThreads(1);
    return openWork(set, flags, { warn: () => {} });
  }
  return serve<number, Doing>(async (piece, onShare) => {
    work ??= open();
    return doPiece(await work, piece, { onShare });
  }, 'jetgrad evaluate --jobs');
}
