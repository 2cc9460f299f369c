/** The process that compares derivatives: started by scripts/experiments.ts, asked for one scene after another. */
import { serve } from '../../src/evaluate/child.ts';
import type { Model } from '../../src/model/model.ts';
import { loadModel, setThreads } from '../../src/node.ts';
import type { Pair, Refused } from './apart.ts';
import { derivativePairs, type Noise } from './derivatives.ts';

/** A scene, and the file of the network that looks at it. */
export interface Comparison {
  readonly file: string;
  readonly scene: number;
  readonly noise: Noise;
}

setThreads(1);
let last: { readonly file: string; readonly model: Promise<Model> } | undefined;

await serve<Comparison, (Pair | Refused)[]>(async ({ file, scene, noise }) => {
  last = last?.file === file ? last : { file, model: loadModel(file) };
  return derivativePairs(await last.model, scene, noise);
}, 'npm run experiments');
