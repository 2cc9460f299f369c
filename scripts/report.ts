/** The lines and the closing counts of a checking script. */
export interface Report {
  check(title: string, ok: boolean, figures: string): void;
  skip(title: string, why: string): void;
  note(text: string): void;
  /** Runs a group of checks; an error counts as one failure, named. */
  guard(title: string, run: () => Promise<void> | void): Promise<void>;
  /** Prints `N passed, N failed, N skipped` as the last line and sets the exit code. */
  close(): void;
}

export function createReport(): Report {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const line = (mark: string, text: string) => process.stdout.write(`${mark} ${text}\n`);
  return {
    check(title, ok, figures) {
      counts[ok ? 'passed' : 'failed']++;
      line(ok ? 'ok  ' : 'FAIL', `${title}: ${figures}`);
    },
    skip(title, why) {
      counts.skipped++;
      line('skip', `${title}: ${why}`);
    },
    note: (text) => line('    ', text),
    async guard(title, run) {
      try {
        await run();
      } catch (error) {
        counts.failed++;
        line('FAIL', `${title}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    close() {
      process.exitCode = counts.failed > 0 ? 1 : 0;
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
    },
  };
}
