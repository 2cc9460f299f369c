import type { MethodMap } from '../cam/explanation.ts';
import { type CoreMethodName, type DefaultMethodName, defaultMethodNames } from '../cam/methods.ts';
import type { Picture } from '../image/picture.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions } from '../tensor/options.ts';
import { addressOf, type ByteSource } from './byteSource.ts';
import { openChannel, type WorkerLike } from './channel.ts';
import type { ExplainerOptions, PageExplainOptions } from './explainerOptions.ts';
import type { ModelSummary, PageExplanation } from './messages.ts';
import { openModelKinds } from './openModel.ts';
import { type PictureSource, sendablePicture } from './pictureSource.ts';
import { receivedMap, type SentMap } from './sentMaps.ts';
import { sendableFiles, sendableSource } from './sentSource.ts';

/** A model in a worker that explains pictures. */
export interface Explainer {
  readonly model: ModelSummary;
  /**
   * Explains a picture by the methods asked for, one picture after the other.
   * @throws InputError for a picture or a choice that cannot be used; the signal's reason when aborted.
   */
  explain<M extends CoreMethodName = DefaultMethodName>(
    picture: PictureSource,
    options?: PageExplainOptions<M>,
  ): Promise<PageExplanation<M>>;
  /** Ends the worker and its threads. */
  close(): void;
}

const ACTION = 'open the model';

/** Starts a worker from an address; from another origin by way of a script of the page's own. */
function startWorker(address: string): WorkerLike {
  const { Worker, location } = globalThis as unknown as {
    Worker: new (url: string, options: { type: 'module' }) => WorkerLike;
    location: { origin: string };
  };
  const isOwn = new URL(address).origin === location.origin || !address.startsWith('http');
  const script = `import ${JSON.stringify(address)};`;
  const url = isOwn ? address : URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module' });
}

const isWorker = (worker: unknown): worker is WorkerLike =>
  typeof (worker as Partial<WorkerLike> | null)?.terminate === 'function';

/** Records of several parts as one, in the order asked for. */
function inOrder<T>(records: readonly object[], names: readonly CoreMethodName[]): Record<CoreMethodName, T> {
  const all = Object.assign({}, ...records) as Partial<Record<CoreMethodName, T>>;
  return Object.fromEntries(names.map((name) => [name, all[name]])) as Record<CoreMethodName, T>;
}

/** What was found stage after stage, as one explanation. */
function merged(parts: readonly PageExplanation[], methods: readonly CoreMethodName[]): PageExplanation {
  const last = parts[parts.length - 1];
  const warnings = [...new Set(parts.flatMap((part) => part.warnings))];
  const summaries = parts.map(({ manifest }) => manifest.methods as object);
  const choices = { ...(last.manifest.choices as object), methods };
  return {
    ...last,
    choices: { ...last.choices, methods },
    maps: inOrder<MethodMap>(
      parts.map(({ maps }) => maps),
      methods,
    ),
    overlays: inOrder<Picture>(
      parts.map(({ overlays }) => overlays),
      methods,
    ),
    warnings,
    manifest: { ...last.manifest, choices, methods: inOrder(summaries, methods), warnings },
  };
}

const received = (part: PageExplanation): PageExplanation => ({
  ...part,
  maps: Object.fromEntries(
    Object.entries(part.maps).map(([name, map]) => [name, receivedMap(map as SentMap)]),
  ),
});

/**
 * A model in a worker, which opens it, prepares pictures, explains and draws there, so that the page stays alive meanwhile. The worker
 * is one that runs the file `jetgrad/explainer`, or that file's address; the model is what `openModel` takes.
 * @throws InputError for a model that cannot be used; an Error where the worker does not start; the signal's reason when aborted.
 * @example
 * typeof createExplainer // 'function'
 */
export async function createExplainer(
  worker: WorkerLike | string | { readonly href: string },
  source: ByteSource,
  options: ExplainerOptions = {},
): Promise<Explainer> {
  checkOptions(options, { ...openModelKinds, threads: 'number' }, ACTION);
  const { signal, files, ...rest } = options;
  const what = await sendableSource(source, signal);
  const sent = { ...rest, ...(files && { files: await sendableFiles(files) }) };
  const channel = openChannel(isWorker(worker) ? worker : startWorker(addressOf(worker, 'start the worker')));
  let model: ModelSummary;
  try {
    model = (await channel.call({ kind: 'open', what, options: sent, signal })) as ModelSummary;
  } catch (error) {
    channel.close(error as Error);
    throw error;
  }

  async function explain<M extends CoreMethodName = DefaultMethodName>(
    given: PictureSource,
    choices: PageExplainOptions<M> = {},
  ): Promise<PageExplanation<M>> {
    const { signal: ending, onProgress, onPart, ...work } = choices;
    if (typeof work.score === 'function') {
      throw new InputError('Cannot explain in a worker by a function of your own: name one of the scores');
    }
    const parts: PageExplanation[] = [];
    const { picture, moves } = await sendablePicture(given);
    await channel.call({
      kind: 'explain',
      what: picture,
      options: work,
      moves,
      signal: ending,
      onProgress,
      onPart(value) {
        const part = received(value as PageExplanation);
        parts.push(part);
        onPart?.(part);
      },
    });
    return merged(parts, work.methods ?? defaultMethodNames) as PageExplanation<M>;
  }

  return { model, explain, close: () => channel.close(new InputError('The explainer was closed')) };
}
