import { InputError } from '../tensor/errors.ts';
import { backend } from '../tensor/kernels/backend.ts';
import { evaluatePicture, type PictureDrive } from './evaluatePicture.ts';
import { keyOf } from './keyOf.ts';
import type { Failure, ResultStore } from './queue/resultStore.ts';
import type { PictureFailure, PictureResult } from './result.ts';
import type { PictureSet } from './sets/set.ts';
import type { Settings } from './settings.ts';
import type { EvaluatedModel } from './subject.ts';

/** What is evaluated: every model on every picture of a set. */
export interface Evaluation {
  readonly set: PictureSet;
  readonly models: readonly EvaluatedModel[];
  readonly settings: Settings;
  /** Of jetgrad. */
  readonly version: string;
}

/** An evaluation, and where its results are. */
export interface Work extends Evaluation {
  readonly store: ResultStore;
}

/** A piece of work: a picture by a model. Pieces count through the pictures, each by all models. */
export const piecesOf = ({ set, models }: Pick<Evaluation, 'set' | 'models'>): number =>
  set.count * models.length;

const partsOf = ({ set, models }: Evaluation, piece: number) => {
  const picture = Math.floor(piece / models.length);
  return { picture, name: set.nameOf(picture), evaluated: models[piece % models.length] };
};

/** Keys as they were made: pictures are read for them once. */
const keys = new WeakMap<Evaluation, Map<number, string>>();

/** The key of a piece; a picture that cannot be read has one, too, by its name. */
export function keyOfPiece(work: Evaluation, piece: number): string {
  const known = keys.get(work) ?? new Map<number, string>();
  keys.set(work, known);
  const key = known.get(piece) ?? makeKey(work, piece);
  known.set(piece, key);
  return key;
}

function makeKey(work: Evaluation, piece: number): string {
  const { picture, name, evaluated } = partsOf(work, piece);
  let hash: string;
  try {
    hash = work.set.hashOf(picture);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    hash = `unreadable ${name}`;
  }
  return keyOf({
    model: evaluated.hash,
    picture: `${name} ${hash}`,
    settings: { ...work.settings, backend: backend().name },
    version: work.version,
  });
}

/** What was found of a piece, or why nothing could be. */
export type Outcome = PictureResult | PictureFailure;

export const isFailure = (outcome: Outcome): outcome is PictureFailure => 'error' in outcome;

/** What the store says of a piece; undefined where it is not done. @throws InputError where something else stands there. */
export function outcomeOf(work: Work, piece: number): Outcome | undefined {
  const { name, evaluated } = partsOf(work, piece);
  const { store } = work;
  const key = keyOfPiece(work, piece);
  const failure = store.failure(key);
  if (failure !== undefined) return { picture: name, model: evaluated.name, error: failure.message };
  const bytes = store.read(key);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as PictureResult;
  } catch {
    throw new InputError(
      `Cannot read the result ${key} in ${store.folder}: it is none; remove it, and it is made again`,
    );
  }
}

/** What is found of a piece, as it stands in its file. @throws InputError where it is unusable. */
export async function computePiece(
  work: Evaluation,
  piece: number,
  drive: PictureDrive = {},
): Promise<Uint8Array> {
  const { picture, name, evaluated } = partsOf(work, piece);
  const { set, settings } = work;
  const found = await evaluatePicture(evaluated, set.read(picture), { settings, ...drive });
  const result: PictureResult = { picture: name, model: evaluated.name, ...found };
  return new TextEncoder().encode(`${JSON.stringify(result)}\n`);
}

/** Does a piece, unless it is done: why a picture is unusable is kept, too. */
export async function doPiece(work: Work, piece: number, drive: PictureDrive = {}): Promise<'done' | 'kept'> {
  const { store } = work;
  const key = keyOfPiece(work, piece);
  if (store.has(key)) return 'kept';
  try {
    store.put(key, await computePiece(work, piece, drive));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    giveUp(work, piece, { kind: 'input', message: error.message });
  }
  return 'done';
}

/** Keeps why a piece cannot be done. */
export const giveUp = (work: Work, piece: number, failure: Failure): void =>
  work.store.fail(keyOfPiece(work, piece), failure);

/** How pieces are done: in this process one after another, by children, or by a queue. Told of each as it is done. */
export type Runner = (
  work: Work,
  told: {
    onDone(piece: number, how: 'done' | 'kept'): void;
    /** Of a piece that takes long, what share of it is done. */
    onShare?(piece: number, share: number): void;
    readonly signal?: AbortSignal | undefined;
  },
) => Promise<void>;

/** One piece after another, here. */
export const runHere: Runner = async (work, { onDone, onShare, signal }) => {
  for (let piece = 0; piece < piecesOf(work); piece++) {
    signal?.throwIfAborted();
    onDone(piece, await doPiece(work, piece, { signal, onShare: (share) => onShare?.(piece, share) }));
  }
};
