import { reshape } from '../autodiff/operations.ts';
import { batchFor } from '../cam/batchFor.ts';
import type { ExplainOptions } from '../cam/choices.ts';
import { explain } from '../cam/explain.ts';
import type { Explanation, MethodMap } from '../cam/explanation.ts';
import { signedMap } from '../cam/map.ts';
import type { MethodName } from '../cam/methods.ts';
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

/** A map [H, W] at the size of the input [1, C, H, W]; undefined where an entry is not finite. */
function spreadOver(map: Tensor, { shape: [, , height, width] }: Tensor): Float64Array | undefined {
  const { data, shape } = contiguous(map);
  const values = Float64Array.from(data);
  if (values.some((value) => !Number.isFinite(value))) return undefined;
  const plane = { width: shape[1], height: shape[0], data: values };
  return Float64Array.from(resample(plane, { width, height }).data);
}

/** A raw map at the size of the input [1, C, H, W], as metrics read it. */
export function relevanceAt(raw: Tensor, input: Tensor): Relevance | Unusable {
  const values = spreadOver(raw, input);
  return values === undefined ? 'nan' : relevanceOf(fromData(values, input.shape.slice(2)));
}

/** Σ_k w_k A^k where a method weighs feature maps, else its map. */
function signedOf({ maps, evidence }: Explanation, method: MethodName): Tensor {
  const { raw, weights } = maps[method] as MethodMap;
  const activation = evidence[method]?.activation;
  return weights === undefined || activation === undefined ? raw : signedMap(activation, weights);
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
  function explained(network: Model, x: Tensor): Promise<Explanation> {
    const asked = {
      ...options,
      score,
      sigma,
      samples,
      moreMethods,
      class: classIndex,
      methods: [trial.method],
    };
    return explain(network, x, asked);
  }
  const signedBy = async (network: Model) =>
    spreadOver(signedOf(await explained(network, input), trial.method), input);
  async function drawnAnew(): Promise<(Float64Array | undefined)[]> {
    const maps: (Float64Array | undefined)[] = [];
    for (const network of cascadeOf(model, options.seed ?? 0)) maps.push(await signedBy(network));
    return maps;
  }
  // Several metrics read them.
  let signed: Promise<Float64Array> | undefined;
  let randomised: ReturnType<typeof drawnAnew> | undefined;
  return {
    input,
    grey: greyOf(preprocessing),
    seed: options.seed ?? 0,
    probabilities: (inputs) => classProbabilities(model, classIndex, inputs),
    async mapOf(x) {
      const { maps } = await explained(model, x);
      const map = relevanceAt((maps[trial.method] as MethodMap).raw, input);
      return typeof map === 'string' ? undefined : map;
    },
    signedMap() {
      signed ??= signedBy(model).then((map) => map ?? new Float64Array(input.shape[2] * input.shape[3]));
      return signed;
    },
    randomisedMaps() {
      randomised ??= drawnAnew();
      return randomised;
    },
  };
}
