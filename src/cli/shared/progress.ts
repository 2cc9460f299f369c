import { SingleBar } from 'cli-progress';
import { formatTime } from './estimate.ts';
import type { Io } from './io.ts';
import { printable, shorten } from './printable.ts';

export interface Progress {
  /** Share of the work done, 0 … 1. */
  update(share: number, what: string): void;
  /** Takes the bar off the terminal; the next update brings it back. */
  stop(): void;
}

/** Milliseconds of work before the first line, and between lines. */
const FIRST = 3000;
const BETWEEN = 10_000;
/** Milliseconds that have to be left for the first line. */
const LEFT = 15_000;

/** Lines on a stderr that is no terminal: of long work one soon, with what is left of it, and then one every ten seconds. */
function linesOfProgress({ note }: Pick<Io, 'note'>, now: () => number): Progress {
  let [started, told]: (number | undefined)[] = [];
  return {
    update(share, what) {
      const time = now();
      started ??= time;
      const passed = time - started;
      const left = passed / share - passed;
      const isDue = told === undefined ? passed >= FIRST && left >= LEFT : time - told >= BETWEEN;
      if (!(share > 0) || share >= 1 || !isDue) return;
      told = time;
      note(`${Math.floor(100 * share)} % (${shorten(printable(what), 40)}), ${formatTime(left / 1000)} left`);
    },
    stop() {},
  };
}

/** A bar on stderr where it is a terminal, lines of long work where it is not; nothing with --quiet. */
export function createProgress(
  io: Pick<Io, 'stderr' | 'quiet' | 'note'>,
  now = () => performance.now(),
): Progress {
  const { stderr, quiet } = io;
  if (quiet) return { update() {}, stop() {} };
  if (stderr.isTTY !== true) return linesOfProgress(io, now);
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
