const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The exit code of a command that was interrupted. */
export const INTERRUPTED = 130;

const GRACE = 300; // milliseconds in which a command may stop by itself

/**
 * Listens for the signals that end a command. The first aborts `signal`, and a little later `ended` resolves for commands that have
 * not heard of it: what must not be left behind is tidied when the process exits. From then on the signals are the system's again,
 * so a second one ends the process at once.
 */
export function listenForInterruption(): { signal: AbortSignal; ended: Promise<typeof INTERRUPTED> } {
  const controller = new AbortController();
  const ended = new Promise<typeof INTERRUPTED>((resolve) => {
    function interrupt(): void {
      for (const each of signals) process.off(each, interrupt);
      controller.abort();
      setTimeout(resolve, GRACE, INTERRUPTED);
    }
    for (const each of signals) process.on(each, interrupt);
  });
  return { signal: controller.signal, ended };
}
