import { packageVersion } from '../node/ownPackage.ts';
import { InputError } from '../tensor/errors.ts';
import { backend } from '../tensor/kernels/backend.ts';
import { evaluatePicture } from './evaluatePicture.ts';
import type { PictureSet } from './sets/set.ts';
import type { Settings } from './settings.ts';
import { keyOf, type Outcome, type ResultStore } from './store.ts';
import type { EvaluatedModel } from './subject.ts';

/** What is evaluated: every model on every picture of a set. */
export interface Work {
  readonly set: PictureSet;
  readonly models: readonly EvaluatedModel[];
  readonly settings: Settings;
  readonly store: ResultStore;
}

/** A piece of work: a picture by a model. Pieces count through the pictures, each by all models. */
export const piecesOf = ({ set, models }: Pick<Work, 'set' | 'models'>): number => set.count * models.length;

const partsOf = ({ set, models }: Work, piece: number) => {
  const picture = Math.floor(piece / models.length);
  return { picture, name: set.nameOf(picture), evaluated: models[piece % models.length] };
};

/** The key of a piece; a picture that cannot be read has one, too, by its name. */
export function keyOfPiece(work: Work, piece: number): string {
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
    version: packageVersion(),
  });
}

/** What to say of a picture that cannot be evaluated. */
export function failureOf(work: Work, piece: number, error: string): Outcome {
  const { name, evaluated } = partsOf(work, piece);
  return { picture: name, model: evaluated.name, error };
}

/** Does a piece, unless it is done: what is unusable in it is a result, too. */
export async function doPiece(work: Work, piece: number, signal?: AbortSignal): Promise<'done' | 'kept'> {
  const { picture, name, evaluated } = partsOf(work, piece);
  const { set, settings, store } = work;
  const key = keyOfPiece(work, piece);
  if (store.has(key)) return 'kept';
  let outcome: Outcome;
  try {
    const found = await evaluatePicture(evaluated, set.read(picture), { settings, signal });
    outcome = { picture: name, model: evaluated.name, ...found };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    outcome = failureOf(work, piece, error.message);
  }
  store.write(key, outcome);
  return 'done';
}

/** How pieces are done: in this process one after another, by children, or by a queue. Told of each as it is done. */
export type Runner = (
  work: Work,
  told: { onDone(piece: number, how: 'done' | 'kept'): void; readonly signal?: AbortSignal | undefined },
) => Promise<void>;

/** One piece after another, here. */
export const runHere: Runner = async (work, { onDone, signal }) => {
  for (let piece = 0; piece < piecesOf(work); piece++) {
    signal?.throwIfAborted();
    onDone(piece, await doPiece(work, piece, signal));
  }
};
