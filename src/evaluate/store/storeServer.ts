import { createHash, timingSafeEqual } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Limit, limits } from '../../tensor/limits.ts';
import { DisagreementError, type Failure, type ResultStore } from '../queue/resultStore.ts';
import type { ContentFolder } from './contentFolder.ts';
import { DIGEST_HEADER, digestOf, GREETING, HOST_HEADER, type Kind, kinds, MISREAD } from './protocol.ts';

/** What a server is made of. */
interface Serving {
  readonly store: ResultStore;
  readonly files: Pick<ContentFolder, 'pathOf'>;
  /** The secret that is wanted; without one, only browsers' and programs' requests to the loopback address itself are answered. */
  readonly token?: string | undefined;
  /** Told of what the server could not do. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** An answer other than what was asked for. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Seconds for which a connection is kept between two requests: pictures take a while. */
const KEPT = 75;

const loopback = /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$/;

/** Whether an address is reached from this machine alone. */
export const isLoopback = (host: string): boolean => loopback.test(host);

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** @throws Refusal without the secret; where there is none, for a page that has made a name of its own lead here. */
function admit({ headers }: IncomingMessage, token: string | undefined): void {
  if (token === undefined) {
    const host = (headers.host ?? '').replace(/:\d+$/, '');
    if (!isLoopback(host)) throw new Refusal(403, 'ask by the loopback address');
    return;
  }
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  // By their hashes, which have one length: the time says nothing of the secret.
  if (!timingSafeEqual(sha256(given), sha256(token))) throw new Refusal(401, 'another token is wanted');
}

/** The body of a request. @throws Refusal for a large one, and one that is not what its digest says. */
async function bodyOf(request: IncomingMessage, { value, of }: Limit): Promise<Uint8Array> {
  const tooLarge = new Refusal(413, `${of} may have ${value} bytes`);
  const { [DIGEST_HEADER]: digest, 'content-length': length } = request.headers;
  if (Number(length) > value) throw tooLarge;
  if (digest === undefined) throw new Refusal(400, `${DIGEST_HEADER} is wanted`);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > value) throw tooLarge;
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  if (digest !== digestOf(body)) throw new Refusal(MISREAD, `${DIGEST_HEADER} is that of another body`);
  return body;
}

/** The machine that asks, as it calls itself. */
const hostOf = ({ headers }: IncomingMessage): string => {
  const host = headers[HOST_HEADER];
  return typeof host === 'string' && /^[\w.-]{1,255}$/.test(host) ? host : 'an unnamed machine';
};

function failureIn(body: Uint8Array): Failure {
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder().decode(body));
  } catch {
    // What follows says so.
  }
  const { kind, message } = (read ?? {}) as Record<string, unknown>;
  if ((kind === 'input' || kind === 'crash') && typeof message === 'string') return { kind, message };
  throw new Refusal(400, 'a failure has a kind, input or crash, and a message');
}

function answer(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** Where a part of a file begins that is asked for. */
function startOf({ headers: { range } }: IncomingMessage, size: number): number {
  if (range === undefined) return 0;
  const [, start = ''] = /^bytes=(\d{1,15})-$/.exec(range) ?? [];
  if (start === '' || Number(start) > size) throw new Refusal(416, 'bytes=START- is wanted');
  return Number(start);
}

async function sendFile(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Refusal(404, 'there is no such file');
  const start = startOf(request, size);
  const part = request.headers.range === undefined ? undefined : `bytes ${start}-${size - 1}/${size}`;
  response.writeHead(part === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': size - start,
    // Of such a name it is the same for ever.
    'cache-control': 'private, max-age=31536000, immutable',
    ...(part !== undefined && { 'content-range': part }),
  });
  if (request.method === 'HEAD' || start === size) response.end();
  else await pipeline(createReadStream(path, { start, end: size - 1 }), response);
}

/** What is done for each kind of name. */
const routes: Readonly<
  Record<Kind, (serving: Serving, name: string) => Partial<Record<'read' | 'write', Handler>>>
> = {
  results: ({ store }, key) => ({
    read: async (_, response) => answer(response, store.has(key) ? 200 : 404),
    async write(request, response) {
      store.put(key, await bodyOf(request, limits.storedResult), hostOf(request));
      answer(response, 204);
    },
  }),
  failures: ({ store }, key) => ({
    async write(request, response) {
      store.fail(key, failureIn(await bodyOf(request, limits.smallJson)));
      answer(response, 204);
    },
  }),
  cancelled: ({ store }, set) => ({
    read: async (_, response) => answer(response, store.isCancelled(set) ? 200 : 404),
  }),
  files: ({ files }, name) => ({
    read: (request, response) => sendFile(request, response, files.pathOf(name)),
  }),
};

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const methods = { GET: 'read', HEAD: 'read', PUT: 'write' } as const;

async function handle(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  admit(request, serving.token);
  const { url = '', method = '' } = request;
  if (url === '/') {
    answer(response, 200, `${GREETING}\n`);
    return;
  }
  const [, kind, name] = /^\/([a-z]+)\/([0-9a-f]{64})$/.exec(url) ?? [];
  if (!kinds.some((each) => each === kind)) throw new Refusal(404, 'there is nothing by such a name');
  const way = methods[method as keyof typeof methods] as 'read' | 'write' | undefined;
  const handler = way && routes[kind as Kind](serving, name)[way];
  if (handler === undefined) throw new Refusal(405, `${method} is not for ${kind}`);
  await handler(request, response);
}

/** How an error is answered; what is no refusal is told of here, too. */
function answerError(error: unknown, response: ServerResponse, { onTrouble }: Serving): void {
  if (response.headersSent || response.destroyed) {
    // What was begun cannot be taken back: the reader sees that it breaks off.
    response.destroy();
    return;
  }
  if (error instanceof DisagreementError) {
    onTrouble?.(error.message);
    answer(response, 409, JSON.stringify(error.found));
    return;
  }
  if (error instanceof Refusal) {
    // A body that nobody reads would be taken for the next request.
    if (error.status === 413) response.setHeader('connection', 'close');
    if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
    answer(response, error.status, error.message);
    return;
  }
  const { message, code } = error as NodeJS.ErrnoException;
  onTrouble?.(message);
  answer(response, code === 'ENOSPC' || code === 'EDQUOT' ? 507 : 500, code ?? 'a fault of jetgrad store');
}

/**
 * A server of a folder of results: what workers ask of it, by names of 64 hexadecimal digits. Whatever else is asked for is refused; bodies
 * are bounded.
 */
export function createStoreServer(serving: Serving): Server {
  const server = createServer((request, response) => {
    handle(request, response, serving).catch((error: unknown) => answerError(error, response, serving));
  });
  server.keepAliveTimeout = 1000 * KEPT;
  return server;
}
