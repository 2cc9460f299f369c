import { limits } from '../tensor/limits.ts';
import { addressOf, type ByteSource, type ReadFile, readSource, type WholeReadable } from './byteSource.ts';

/** A source on its way to the worker: an address in full, or what a page can send. */
export type SentSource = string | Blob | Uint8Array | ArrayBuffer | ReadFile;

const ACTION = 'open the model';

/** A source as it can be sent; the answer of a fetch is read here. @throws InputError for what cannot be read. */
export async function sendableSource(source: ByteSource, signal?: AbortSignal): Promise<SentSource> {
  if (typeof source === 'string' || typeof (source as Partial<URL> | null)?.href === 'string') {
    return addressOf(source as string | URL, ACTION);
  }
  const isSendable = [Blob, Uint8Array, ArrayBuffer].some((kind) => source instanceof kind);
  if (isSendable) return source as Blob | Uint8Array | ArrayBuffer;
  return readSource(source, { action: ACTION, limit: limits.modelFile, signal });
}

/** Files as they can be sent. */
export async function sendableFiles(files: Iterable<WholeReadable>): Promise<Blob[]> {
  return Promise.all(
    Array.from(files, async (file) =>
      file instanceof Blob ? file : new File([new Uint8Array(await file.arrayBuffer())], file.name ?? ''),
    ),
  );
}

/** The source that was sent. */
export function receivedSource(sent: SentSource): ByteSource {
  if (typeof sent === 'string' || !('bytes' in sent) || sent instanceof Blob) return sent;
  const { bytes, name, url } = sent;
  return {
    ...(name !== undefined && { name }),
    ...(url !== undefined && { url }),
    arrayBuffer: async () => bytes.slice().buffer as ArrayBuffer,
  };
}
