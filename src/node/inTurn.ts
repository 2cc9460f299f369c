const last = new Map<string, Promise<unknown>>();

/** Runs `work` when what was begun before under the same key has ended, however it did. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const now = (last.get(key) ?? Promise.resolve()).then(work, work);
  last.set(key, now);
  try {
    return await now;
  } finally {
    if (last.get(key) === now) last.delete(key);
  }
}
