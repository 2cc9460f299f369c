import { type Answer, type Request, receivedError } from './messages.ts';

/** A worker, by what is used of it. */
export interface WorkerLike {
  postMessage(message: unknown, moves: never[]): void;
  terminate(): void;
  onmessage: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  onmessageerror: ((event: never) => unknown) | null;
}

/** Who waits for the answers to a request. */
interface Waiting {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  readonly onProgress?: ((share: number) => void) | undefined;
  readonly onPart?: ((value: unknown) => void) | undefined;
}

/** A request, what moves to the worker with it, and who hears of its answers. */
export interface Call extends Pick<Waiting, 'onProgress' | 'onPart'> {
  readonly kind: 'open' | 'explain';
  readonly what: unknown;
  readonly options: object;
  readonly moves?: unknown[];
  readonly signal?: AbortSignal | undefined;
}

/** Requests to a worker and its answers. */
export interface Channel {
  /** @throws the signal's reason when aborted; what the worker throws, of its class. */
  call(call: Call): Promise<unknown>;
  /** Ends the worker and all that waits for it. */
  close(reason: Error): void;
}

const notStarted = (event: { readonly message?: string }) =>
  new Error(
    `The explainer's worker failed: ${event.message || 'its script did not load; look at its address, and at worker-src of the page’s policy'}`,
  );

/** Talks to a worker that runs the file `jetgrad/explainer`. */
export function openChannel(worker: WorkerLike): Channel {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let broken: Error | undefined;
  const fail = (error: Error) => {
    broken ??= error;
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  worker.onmessage = ({ data }: { readonly data: Answer }) => {
    const one = waiting.get(data.id);
    if (data.kind === 'progress') one?.onProgress?.(data.share);
    else if (data.kind === 'part') one?.onPart?.(data.value);
    else {
      waiting.delete(data.id);
      if (data.kind === 'failed') one?.reject(receivedError(data.error));
      else one?.resolve(data.value);
    }
  };
  worker.onerror = (event: { readonly message?: string }) => fail(notStarted(event));
  worker.onmessageerror = () => fail(new Error('An answer of the explainer cannot be read'));

  return {
    async call({ kind, what, options, moves = [], signal, onProgress, onPart }) {
      signal?.throwIfAborted();
      if (broken !== undefined) throw broken;
      const id = count++;
      let stop: (() => void) | undefined;
      try {
        return await new Promise((resolve, reject) => {
          stop = () => {
            worker.postMessage({ kind: 'abort', id } satisfies Request, []);
            waiting.delete(id);
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', stop);
          waiting.set(id, { resolve, reject, onProgress, onPart });
          worker.postMessage({ kind, id, what, options } satisfies Request, moves as never[]);
        });
      } finally {
        if (stop) signal?.removeEventListener('abort', stop);
        waiting.delete(id);
      }
    },
    close(reason) {
      worker.terminate();
      fail(reason);
    },
  };
}
