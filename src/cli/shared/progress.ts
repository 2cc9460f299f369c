import { SingleBar } from 'cli-progress';
import type { Io } from './io.ts';
import { printable, shorten } from './printable.ts';

export interface Progress {
  /** Share of the work done, 0 … 1. */
  update(share: number, what: string): void;
  /** Takes the bar off the terminal; the next update brings it back. */
  stop(): void;
}

/** A bar on stderr while it is a terminal and --quiet is not given; nothing otherwise. */
export function createProgress({ stderr, quiet }: Pick<Io, 'stderr' | 'quiet'>): Progress {
  if (quiet || stderr.isTTY !== true) return { update() {}, stop() {} };
  const bar = new SingleBar({
    stream: stderr as NodeJS.WriteStream,
    format: '{bar} {percentage} % | {eta_formatted} left | {what}',
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  let started = false;
  function stop(): void {
    if (started) bar.stop();
    started = false;
    process.off('exit', stop);
  }
  return {
    update(share, what) {
      if (!started) {
        bar.start(1000, 0, { what: '' });
        // The cursor comes back wherever the command is interrupted.
        process.on('exit', stop);
      }
      started = true;
      bar.update(Math.round(1000 * share), { what: shorten(printable(what), 40) });
    },
    stop,
  };
}
