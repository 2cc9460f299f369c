/** What a task needs is not there on this machine, or not allowed: no fault of the input, nor of jetgrad. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
}

/** Why a task that needs WebAssembly cannot be done, from what was thrown as it was started. */
export function withoutWebAssembly(task: string, error: unknown): PlatformError {
  const why = error instanceof Error ? error.message : String(error);
  return new PlatformError(
    `Cannot ${task}: WebAssembly is not available here (${why}); give Node more memory, and no --jitless`,
  );
}
