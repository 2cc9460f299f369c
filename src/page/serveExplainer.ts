import { brightestOf, scaledMap } from '../cam/brightest.ts';
import { defaults } from '../cam/defaults.ts';
import { explain } from '../cam/explain.ts';
import type { MethodMap } from '../cam/explanation.ts';
import { type CoreMethodName, defaultMethodNames, methodNames, methodOf } from '../cam/methods.ts';
import { type Ground, groundOf } from '../image/ground.ts';
import { pixelMapLook } from '../image/looks.ts';
import { drawOver } from '../image/overlay.ts';
import type { Picture } from '../image/picture.ts';
import { preprocessFor } from '../image/preprocessFor.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import { InputError } from '../tensor/errors.ts';
import { backend } from '../tensor/kernels/backend.ts';
import { type Spawn, setThreads } from '../tensor/kernels/wasm/threads.ts';
import type { DrawOptions, ExplainerOptions, PageExplainOptions } from './explainerOptions.ts';
import { type Answer, type ModelSummary, type Request, sentError } from './messages.ts';
import { openModel } from './openModel.ts';
import { receivedPicture, type SentPicture } from './pictureSource.ts';
import { sentMap } from './sentMaps.ts';
import { receivedSource, type SentSource } from './sentSource.ts';

type Work<M extends CoreMethodName = CoreMethodName> = Omit<
  PageExplainOptions<M>,
  keyof RunOptions | 'onPart'
>;

/** How a piece of work is heard of while it runs, and ended. */
interface Running {
  readonly signal: AbortSignal;
  onProgress(share: number): void;
  onPart(value: unknown, moves: ArrayBufferLike[]): void;
}

function summaryOf({ name, labels, inputShape, layers, defaultLayer }: Model): ModelSummary {
  return { name, ...(labels && { labels }), inputShape, layers, defaultLayer, backend: backend() };
}

/** The methods in the order in which their maps come: those of one pass, then those over noisy inputs, which share their passes. */
function stagesOf(methods: readonly CoreMethodName[]): (readonly CoreMethodName[])[] {
  if (!Array.isArray(methods) || methods.length === 0) return [methods];
  const isNoisy = (name: CoreMethodName) => methodNames.includes(name) && methodOf(name).noisy;
  return [methods.filter((name) => !isNoisy(name)), methods.filter(isNoisy)].filter(
    ({ length }) => length > 0,
  );
}

function drawn(method: CoreMethodName, { raw }: MethodMap, ground: Ground, look: DrawOptions): Picture {
  const row = methodOf(method);
  const usual = row.look === 'pixels' ? pixelMapLook : {};
  return drawOver(ground, scaledMap(raw, brightestOf(raw, row.look)), { ...usual, ...look });
}

const UNPREPARED =
  'the model does not say how pictures are prepared, so the usual way was taken: give the option preprocessing if maps look wrong';

/** Explains a picture, stage after stage, each of which is told with what it found. */
async function explainPicture(model: Model, sent: SentPicture, work: Work, running: Running): Promise<void> {
  const { draw = {}, ...choices } = work;
  const picture = await receivedPicture(sent);
  const { input, crop } = preprocessFor(model, picture);
  const ground = groundOf(picture, { crop, size: draw.size });
  const { size: _, ...look } = draw;
  const { width, height } = picture;
  const stages = stagesOf(choices.methods ?? defaultMethodNames);
  const first = stages.length > 1 ? 1 / (2 + (choices.samples ?? defaults.samples)) : 1;
  for (const [i, methods] of stages.entries()) {
    const explanation = await explain(model, input, {
      ...choices,
      methods,
      signal: running.signal,
      onProgress: (share) => running.onProgress(i === 0 ? first * share : first + (1 - first) * share),
    });
    const found = Object.entries(explanation.maps) as [CoreMethodName, MethodMap][];
    const maps = found.map(([name, map]) => [name, sentMap(map)] as const);
    const overlays = found.map(([name, map]) => [name, drawn(name, map, ground, look)] as const);
    const { evidence: _evidence, maps: _maps, place: _place, manifest, warnings, ...rest } = explanation;
    const unprepared = model.inputs[0].preprocessing === undefined ? [UNPREPARED] : [];
    running.onPart(
      {
        ...rest,
        maps: Object.fromEntries(maps),
        overlays: Object.fromEntries(overlays),
        sides: { width, height },
        crop,
        warnings: [...unprepared, ...warnings],
        manifest: manifest(),
      },
      [
        ...maps.flatMap(([, { raw, normalized }]) => [raw.data.buffer, normalized.data.buffer]),
        ...overlays.map(([, { data }]) => data.buffer),
      ],
    );
  }
}

/** What a worker answers through. */
export interface Port {
  postMessage(answer: Answer, moves: ArrayBufferLike[]): void;
}

/**
 * Holds a model for a page: takes its requests, one after the other, and answers them. `spawn` starts the worker's own threads.
 * @returns What takes the requests.
 */
export function serveExplainer(port: Port, spawn?: Spawn): (request: Request) => void {
  let model: Model | undefined;
  let last: Promise<void> = Promise.resolve();
  const running = new Map<number, AbortController>();

  async function work(request: Exclude<Request, { kind: 'abort' }>, run: Running): Promise<unknown> {
    run.signal.throwIfAborted();
    if (request.kind === 'open') {
      const { threads, ...options } = request.options as ExplainerOptions;
      if (spawn !== undefined || threads !== undefined) setThreads(threads, spawn);
      model = await openModel(receivedSource(request.what as SentSource), { ...options, signal: run.signal });
      return summaryOf(model);
    }
    if (model === undefined) throw new InputError('Cannot explain: the worker has no model yet');
    return explainPicture(model, request.what as SentPicture, request.options as Work, run);
  }

  async function answer(request: Exclude<Request, { kind: 'abort' }>, signal: AbortSignal): Promise<void> {
    const { id } = request;
    try {
      const value = await work(request, {
        signal,
        onProgress: (share) => port.postMessage({ kind: 'progress', id, share }, []),
        onPart: (part, moves) => port.postMessage({ kind: 'part', id, value: part }, moves),
      });
      port.postMessage({ kind: 'done', id, value }, []);
    } catch (error) {
      // The page has ended its own waiting where it aborted.
      if (!signal.aborted) port.postMessage({ kind: 'failed', id, error: sentError(error) }, []);
    } finally {
      running.delete(id);
    }
  }

  return (request) => {
    if (request.kind === 'abort') return running.get(request.id)?.abort();
    const controller = new AbortController();
    running.set(request.id, controller);
    last = last.then(() => answer(request, controller.signal));
  };
}
