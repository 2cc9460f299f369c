import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../../tensor/errors.ts';
import { beyond, limits } from '../../tensor/limits.ts';
import { type Disagreement, DisagreementError, WorkerEndError } from '../queue/resultStore.ts';
import { ContentError } from './content.ts';
import type { FileSource } from './contentFolder.ts';
import { DIGEST_HEADER, digestOf, GREETING, HOST_HEADER, type Kind, MISREAD, TOKEN } from './protocol.ts';
import type { StoreAddress } from './storeAddress.ts';
import type { WorkerStore } from './workerStore.ts';

/** A store behind a server. Where the server is gone it is waited for. */
export interface StoreClient extends WorkerStore, FileSource {
  /** @throws InputError where there is no such server, or it wants another secret. */
  greet(): Promise<void>;
}

interface ClientOptions {
  /** The secret that the server wants, if it wants one. */
  readonly token?: string | undefined;
  /** Ends all waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Told once whenever the server is gone. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** Milliseconds between two tries: at first, and at most. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 5000;

/** Answers of servers, and of what stands in front of them, that may be others a little later. */
const passes = (status: number) => status >= 500 || [408, 425, 429, MISREAD].includes(status);

const isDenied = (status: number) => status === 401 || status === 403;

/** Why nothing was answered: the system's own words stand in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { code, message: inner } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? (inner || message);
}

/** What is wrong where another secret is wanted. */
const denied = (shown: string) =>
  `Cannot use ${shown}: it wants another token; set ${TOKEN} to that of jetgrad store`;

/** Sends requests again until they are answered. */
function createSender({ url, shown }: StoreAddress, { token, signal, onTrouble }: ClientOptions) {
  let isGone = false;
  const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const once = (path: string, init: RequestInit) =>
    fetch(`${url}${path}`, {
      ...init,
      // The secret is for this server alone.
      redirect: 'manual',
      signal: signal ?? null,
      headers: { ...init.headers, ...authorization },
    });
  async function pause(tries: number, why: string): Promise<void> {
    if (!isGone) onTrouble?.(`${shown} does not answer (${why}): waiting until it does`);
    isGone = true;
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries);
    await setTimeout(longest * (0.5 + Math.random() / 2), undefined, { signal });
  }
  async function send(path: string, init: RequestInit): Promise<Response> {
    for (let tries = 0; ; tries++) {
      let why: string;
      try {
        const response = await once(path, init);
        const { status } = response;
        if (!passes(status)) {
          isGone = false;
          if (isDenied(status)) throw new WorkerEndError(denied(shown));
          return response;
        }
        why = `${status} ${(await response.text()).slice(0, 200)}`.trim();
      } catch (error) {
        if (error instanceof WorkerEndError) throw error;
        signal?.throwIfAborted();
        why = reasonOf(error);
      }
      await pause(tries, why);
    }
  }
  return { once, send, pause };
}

type Sender = ReturnType<typeof createSender>;

/** An answer that no server of ours gives. */
const unexpected = (shown: string, { status }: Response) =>
  new WorkerEndError(`Cannot use ${shown}: it answers ${status}; give the address that jetgrad store prints`);

/** The bytes of an answer; where they break off, the rest is asked for. */
async function* piecesOf(
  first: Response,
  { path, send, pause }: Pick<Sender, 'send' | 'pause'> & { readonly path: string },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let got = 0;
  for (let response = first, tries = 0; ; tries++) {
    try {
      for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        got += piece.length;
        yield piece;
      }
      return;
    } catch (error) {
      signal?.throwIfAborted();
      await pause(tries, reasonOf(error));
    }
    response = await send(path, { headers: { range: `bytes=${got}-` } });
    // From its beginning again, perhaps: the next try gets it whole.
    if (response.status !== 206) throw new ContentError(`Cannot fetch ${path}: it broke off`);
  }
}

/** @throws InputError unless it is a server of ours that takes the secret. */
async function greet({ shown }: StoreAddress, { once }: Sender): Promise<void> {
  const cannot = (why: string) => new InputError(`Cannot use --out ${shown}: ${why}`);
  let response: Response;
  try {
    response = await once('', {});
  } catch (error) {
    throw cannot(`${reasonOf(error)}; see that jetgrad store runs there`);
  }
  if (isDenied(response.status)) throw new InputError(denied(shown));
  const said = response.ok ? await response.text() : '';
  if (said.trim() !== GREETING)
    throw cannot(`it is no jetgrad store of this version; give the address that jetgrad store prints`);
}

export function openStoreClient(address: StoreAddress, options: ClientOptions = {}): StoreClient {
  const sender = createSender(address, options);
  const { send } = sender;
  const { shown } = address;
  /** Whether there is something by a name. */
  async function has(kind: Kind, name: string): Promise<boolean> {
    const response = await send(`${kind}/${name}`, { method: 'HEAD' });
    if (response.status === 404) return false;
    if (response.ok) return true;
    throw unexpected(shown, response);
  }
  async function put(kind: Kind, name: string, body: Uint8Array): Promise<void> {
    const headers = { [DIGEST_HEADER]: digestOf(body), [HOST_HEADER]: hostname() };
    const response = await send(`${kind}/${name}`, {
      method: 'PUT',
      body: body as NonNullable<RequestInit['body']>,
      headers,
    });
    if (response.status === 409) throw new DisagreementError((await response.json()) as Disagreement);
    if (!response.ok) throw unexpected(shown, response);
    await response.arrayBuffer();
  }
  return {
    shown,
    greet: () => greet(address, sender),
    has: (key) => has('results', key),
    isCancelled: (set) => has('cancelled', set),
    async put(key, bytes) {
      if (bytes.length > limits.storedResult.value)
        throw new WorkerEndError(`Cannot send a result: ${beyond(limits.storedResult, bytes.length)}`);
      await put('results', key, bytes);
    },
    fail: (key, failure) => put('failures', key, new TextEncoder().encode(JSON.stringify(failure))),
    async open(sha256) {
      const path = `files/${sha256}`;
      const response = await send(path, {});
      if (response.ok) return piecesOf(response, { ...sender, path }, options.signal);
      await response.body?.cancel();
      if (response.status === 404) return undefined;
      throw unexpected(shown, response);
    },
  };
}
