import { setThreads as setNodeThreads } from '../../src/node/setThreads.ts';
import { setThreads, type Thread } from '../../src/tensor/kernels/wasm/threads.ts';

/** Three threads beside the caller's that only note which of them is called. */
export async function notingCalls(use: (called: Set<number>) => Promise<void>): Promise<void> {
  const called = new Set<number>();
  const postMessage: Thread['postMessage'] = (message) =>
    void ('device' in message && called.add(message.thread));
  setThreads(4, () => ({ certain: true, postMessage }));
  try {
    await use(called);
  } finally {
    setNodeThreads(1);
  }
}
