import { formatTime } from '../../tensor/formatNumber.ts';
import { type Bar, createBar } from './bar.ts';
import type { Io } from './io.ts';
import { printable, shorten } from './printable.ts';

export type Progress = Bar;

/** Milliseconds of work before the first line, and between lines. */
const FIRST = 3000;
const BETWEEN = 10_000;
/** Milliseconds that have to be left for the first line. */
const LEFT = 15_000;

/** Milliseconds after which the speed is looked at: what comes first may be quick. */
const WARM = 1000;

/** Lines on a stderr that is no terminal: of long work one soon, with what is left of it, and then one every ten seconds. */
function linesOfProgress({ note }: Pick<Io, 'note'>, now: () => number): Progress {
  let started: number | undefined;
  /** Where the work was when the last line was written, or when its speed was first looked at. */
  let mark: { readonly time: number; readonly share: number } | undefined;
  let told = false;
  return {
    update(share, what) {
      const time = now();
      started ??= time;
      if (mark === undefined) {
        if (time - started >= WARM) mark = { time, share };
        return;
      }
      const left = ((1 - share) * (time - mark.time)) / (share - mark.share);
      const isDue = told ? time - mark.time >= BETWEEN : time - started >= FIRST && left >= LEFT;
      if (share <= mark.share || share >= 1 || !isDue) return;
      mark = { time, share };
      told = true;
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
  const bar = createBar(stderr, now);
  let started = false;
  function stop(): void {
    if (started) bar.stop();
    started = false;
    process.off('exit', stop);
  }
  return {
    update(share, what) {
      if (!started) {
        // The cursor comes back wherever the command is interrupted.
        process.on('exit', stop);
      }
      started = true;
      bar.update(share, shorten(printable(what), 40));
    },
    stop,
  };
}
