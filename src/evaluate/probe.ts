import { reshape } from '../autodiff/operations.ts';
import { batchFor } from '../cam/batchFor.ts';
import type { ExplainOptions } from '../cam/choices.ts';
import { explain } from '../cam/explain.ts';
import type { Probe, Relevance } from '../cam/metrics/metric.ts';
import { relevanceOf, type Unusable } from '../cam/metrics/relevance.ts';
import { moreMethods } from '../cam/more/moreMethods.ts';
import { probabilities } from '../cam/score.ts';
import { resample } from '../image/resample.ts';
import type { Model } from '../model/model.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { randomisedModels } from './randomised.ts';
import type { Round, Trial } from './settings.ts';
import type { EvaluatedModel } from './subject.ts';

/** A raw map at the size of the input [1, C, H, W], as metrics read it. */
export function relevanceAt(raw: Tensor, { shape: [, , height, width] }: Tensor): Relevance | Unusable {
  const { data, shape } = contiguous(raw);
  const values = Float64Array.from(data);
  if (values.some((value) => !Number.isFinite(value))) return 'nan';
  const plane = { width: shape[1], height: shape[0], data: values };
  return relevanceOf(fromData(Float64Array.from(resample(plane, { width, height }).data), [height, width]));
}

/** p of a class for pictures, as many at a time as go through the network together. */
async function classProbabilities(
  model: Model,
  classIndex: number,
  inputs: Iterable<Tensor>,
): Promise<Float64Array> {
  const { tensor, ending } = model.findLogits();
  const split = model.split(tensor, { outputs: [tensor] });
  const found: number[] = [];
  let waiting: Tensor[] = [];
  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    const z = await split.trunk(stackRows(waiting));
    for (let n = 0; n < waiting.length; n++) {
      found.push(probabilities(reshape(batchRow(z, n), [-1]), ending)[classIndex]);
    }
    waiting = [];
  }
  for (const input of inputs) {
    waiting.push(input);
    if (waiting.length === batchFor(split, input, false)) await flush();
  }
  await flush();
  return Float64Array.from(found);
}

/** Mid-grey of a photograph in the units of the input, for each channel. */
function greyOf({ scale, mean, std }: EvaluatedModel['preprocessing']): number[] {
  return mean.map((each, channel) => (127.5 * scale - each) / std[channel]);
}

interface Probing {
  readonly evaluated: EvaluatedModel;
  readonly input: Tensor;
  readonly classIndex: number;
  readonly round: Round;
  readonly trial: Trial;
  readonly options: Pick<ExplainOptions, 'layer' | 'seed' | 'signal'>;
}

/** Networks drawn anew, made once for a model and a seed. */
const cascades = new WeakMap<Model, Map<number, Model[]>>();

function cascadeOf(model: Model, seed: number): Model[] {
  const known = cascades.get(model) ?? new Map<number, Model[]>();
  cascades.set(model, known);
  const made = known.get(seed) ?? randomisedModels(model, seed);
  known.set(seed, made);
  return made;
}

/** What a metric may ask of the network, for one class of one picture and one method. */
export function createProbe({ evaluated, input, classIndex, round, trial, options }: Probing): Probe {
  const { model, preprocessing } = evaluated;
  const { score, sigma, samples } = round;
  async function mapBy(network: Model, x: Tensor): Promise<Relevance | undefined> {
    const asked = {
      ...options,
      score,
      sigma,
      samples,
      moreMethods,
      class: classIndex,
      methods: [trial.method],
    };
    const { maps } = await explain(network, x, asked);
    const map = relevanceAt(maps[trial.method]?.raw as Tensor, input);
    return typeof map === 'string' ? undefined : map;
  }
  return {
    input,
    grey: greyOf(preprocessing),
    seed: options.seed ?? 0,
    probabilities: (inputs) => classProbabilities(model, classIndex, inputs),
    mapOf: (x) => mapBy(model, x),
    async randomisedMaps() {
      const maps: (Relevance | undefined)[] = [];
      for (const network of cascadeOf(model, options.seed ?? 0)) maps.push(await mapBy(network, input));
      return maps;
    },
  };
}
