import type { ModelData, Preprocessing } from '../model/data/format.ts';
import { inputRange } from '../model/graph/inputRange.ts';
import { type InputSize, type PresetName, presetFor } from './preprocess.ts';

/** A preprocessing that nobody said, and why it is taken. */
export interface AssumedPreprocessing {
  readonly name: PresetName;
  readonly preprocessing: Preprocessing;
  /** Whether the network scales pictures itself, which the preset follows. */
  readonly scalesItself: boolean;
}

/**
 * The preprocessing that is taken where neither a model nor anyone else says one: what a network that scales pictures itself expects,
 * else `imagenet` for three channels and `unit` for others.
 */
export function assumedPreprocessing(data: ModelData, size: InputSize): AssumedPreprocessing {
  const range = inputRange(data);
  const name = range ?? (size.channels === 3 ? 'imagenet' : 'unit');
  return { name, preprocessing: presetFor(name, size), scalesItself: range !== undefined };
}
