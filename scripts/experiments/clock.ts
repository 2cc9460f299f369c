import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Seconds that parts took, kept in a folder: what an earlier run that was stopped took is added to. */
export interface Clock {
  readonly seconds: Readonly<Record<string, number>>;
  /** Counts the seconds of a part, kept every few of them; a run that reports that there was nothing left to do counts none. */
  during(part: string, run: () => Promise<{ readonly didAnything: boolean }>): Promise<void>;
}

const EVERY = 5000;

/** A file for each part, so that parts may run at the same time. */
export function createClock(folder: string): Clock {
  const own = join(folder, 'seconds');
  mkdirSync(own, { recursive: true });
  const fileOf = (part: string) => join(own, part);
  const seconds: Record<string, number> = Object.fromEntries(
    readdirSync(own)
      .filter((part) => !part.endsWith('.part'))
      .map((part) => [part, Number(readFileSync(fileOf(part), 'utf8'))]),
  );
  function keep(part: string): void {
    writeFileSync(`${fileOf(part)}.part`, String(seconds[part] ?? 0));
    renameSync(`${fileOf(part)}.part`, fileOf(part));
  }
  return {
    seconds,
    async during(part, run) {
      const before = seconds[part] ?? 0;
      const started = performance.now();
      const tick = () => {
        seconds[part] = before + (performance.now() - started) / 1000;
        keep(part);
      };
      const timer = setInterval(tick, EVERY);
      try {
        const { didAnything } = await run();
        tick();
        if (!didAnything) seconds[part] = before;
      } finally {
        clearInterval(timer);
        keep(part);
      }
    },
  };
}
