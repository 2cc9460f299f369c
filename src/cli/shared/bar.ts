import { formatTime } from '../../tensor/formatNumber.ts';

const CELLS = 30;
/** Milliseconds between two looks of the bar. */
const BETWEEN = 100;

// What terminals do for an escape: hide the cursor and cut long lines off; show it and break them again; clear the line.
const OPEN = '\x1b[?25l\x1b[?7l';
const CLOSE = '\x1b[?7h\x1b[?25h';
const CLEAR = '\r\x1b[K';

export interface Bar {
  /** Share of the work done, 0 … 1. */
  update(share: number, what: string): void;
  /** Takes the bar off; the next update brings it back. */
  stop(): void;
}

/** A bar in the last line of a terminal, drawn over itself. */
export function createBar(stream: { write(text: string): unknown }, now: () => number): Bar {
  let started: number | undefined;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    update(share, what) {
      const time = now();
      if (started === undefined) {
        started = time;
        stream.write(OPEN);
      }
      if (time - drawn < BETWEEN && share < 1) return;
      drawn = time;
      const full = Math.round(CELLS * share);
      const left = share > 0 ? `${formatTime(((time - started) * (1 - share)) / share / 1000)} left | ` : '';
      const bar = '━'.repeat(full) + '─'.repeat(CELLS - full);
      stream.write(`${CLEAR}${bar} ${Math.floor(100 * share)} % | ${left}${what}`);
    },
    stop() {
      if (started !== undefined) stream.write(CLEAR + CLOSE);
      started = undefined;
      drawn = Number.NEGATIVE_INFINITY;
    },
  };
}
