import { InputError } from '../tensor/errors.ts';
import { beyond, type Limit } from '../tensor/limits.ts';

/** What can be read whole: a Blob, a File that somebody chose, the Response of a fetch. */
export interface WholeReadable {
  arrayBuffer(): Promise<ArrayBuffer>;
  /** A File's name; a Response has an address instead. */
  readonly name?: string;
  readonly url?: string;
  /** A Response's: whether the server had what was asked for. */
  readonly ok?: boolean;
  readonly status?: number;
}

/** Where the bytes of a file come from: an address (a text is relative to the page), something that can be read, or themselves. */
export type ByteSource = string | { readonly href: string } | WholeReadable | Uint8Array | ArrayBuffer;

/** A file that was read. */
export interface ReadFile {
  readonly bytes: Uint8Array;
  /** As messages name it: a file's name or the last part of an address. */
  readonly name?: string | undefined;
  /** The address that it came from, where it has one. */
  readonly url?: string | undefined;
}

/** How a source is read, and what messages say of that. */
export interface ReadSourceOptions {
  /** `open the model`, for messages. */
  readonly action: string;
  readonly limit: Limit;
  readonly signal?: AbortSignal | undefined;
}

/** The part of a page's surroundings by which addresses are complete. */
interface Place {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
}

/** An address in full. @throws InputError for a text that is none. */
export function addressOf(source: string | { readonly href: string }, action: string): string {
  const text = typeof source === 'string' ? source : source.href;
  const { document, location } = globalThis as Place;
  try {
    return new URL(text, document?.baseURI ?? location?.href).href;
  } catch {
    throw new InputError(`Cannot ${action}: ${JSON.stringify(text)} is not an address`);
  }
}

/** The last part of an address, without what is asked there. */
function nameAt(url: string): string | undefined {
  if (!/^https?:/.test(url)) return undefined;
  const [name = ''] = new URL(url).pathname.split('/').slice(-1);
  try {
    return decodeURIComponent(name) || undefined;
  } catch {
    return name;
  }
}

async function fetchFrom(url: string, { action, signal }: ReadSourceOptions): Promise<Response> {
  try {
    return await fetch(url, { signal: signal ?? null });
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(
      `Cannot ${action} at ${url}: it did not come (${(error as Error).message}); look at the address, and whether its server lets this page read it`,
    );
  }
}

async function readWhole(from: WholeReadable, options: ReadSourceOptions): Promise<ArrayBuffer> {
  const { action, signal } = options;
  if (from.ok === false) {
    throw new InputError(
      `Cannot ${action} at ${from.url}: the server answers ${from.status}; look at the address`,
    );
  }
  try {
    return await from.arrayBuffer();
  } catch (error) {
    signal?.throwIfAborted();
    throw new InputError(
      `Cannot ${action}: ${from.name ?? 'what was given'} cannot be read (${(error as Error).message})`,
    );
  }
}

const isAddress = (source: unknown): source is string | { readonly href: string } =>
  typeof source === 'string' || typeof (source as { href?: unknown } | null)?.href === 'string';

/**
 * All bytes of a source.
 * @throws InputError for one that cannot be read, that is too large, or that is none.
 */
export async function readSource(source: ByteSource, options: ReadSourceOptions): Promise<ReadFile> {
  const { action, limit, signal } = options;
  signal?.throwIfAborted();
  if (isAddress(source)) return readSource(await fetchFrom(addressOf(source, action), options), options);
  let file: ReadFile;
  if (source instanceof Uint8Array) file = { bytes: source };
  else if (source instanceof ArrayBuffer) file = { bytes: new Uint8Array(source) };
  else if (typeof (source as Partial<WholeReadable> | null)?.arrayBuffer === 'function') {
    const { name, url } = source;
    const bytes = new Uint8Array(await readWhole(source, options));
    file = { bytes, name: name ?? (url && nameAt(url)), url: url || undefined };
  } else {
    throw new InputError(`Cannot ${action}: give its bytes, a Blob, an address or a Response`);
  }
  signal?.throwIfAborted();
  if (file.bytes.length > limit.value)
    throw new InputError(`Cannot ${action}: ${beyond(limit, file.bytes.length)}`);
  return file;
}
