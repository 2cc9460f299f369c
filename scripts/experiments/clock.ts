import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds that parts took, kept in a folder: what an earlier run that was stopped took is added to. */
export interface Clock {
  readonly seconds: Readonly<Record<string, number>>;
  /** Counts the seconds of a part, kept every few of them; a run that reports that there was nothing left to do counts none. */
  during(part: string, run: () => Promise<{ readonly didAnything: boolean }>): Promise<void>;
}

const EVERY = 5000;

export function createClock(folder: string): Clock {
  const file = join(folder, 'seconds.json');
  const seconds: Record<string, number> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  function keep(): void {
    writeFileSync(`${file}.part`, JSON.stringify(seconds));
    renameSync(`${file}.part`, file);
  }
  return {
    seconds,
    async during(part, run) {
      const before = seconds[part] ?? 0;
      const started = performance.now();
      const tick = () => {
        seconds[part] = before + (performance.now() - started) / 1000;
        keep();
      };
      const timer = setInterval(tick, EVERY);
      try {
        const { didAnything } = await run();
        tick();
        if (!didAnything) seconds[part] = before;
      } finally {
        clearInterval(timer);
        keep();
      }
    },
  };
}
