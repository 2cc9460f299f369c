import type { Preprocessing } from '../model/data/format.ts';
import type { Model } from '../model/model.ts';
import type { SetFile } from './sets/set.ts';

/** A model that is evaluated. */
export interface EvaluatedModel {
  /** What it is called in results. */
  readonly name: string;
  readonly model: Model;
  readonly preprocessing: Preprocessing;
  /** SHA-256 of its files, and of all that says how pictures become its input. */
  readonly hash: string;
  /** The files themselves, its own first, by their names in its folder. */
  readonly files: readonly SetFile[];
}
