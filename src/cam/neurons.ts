import type { Box } from '../model/graph/receptiveField.ts';
import type { Model } from '../model/model.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, type OptionKinds, wantRecord } from '../tensor/options.ts';
import type { Shape } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import type { Evidence } from './evidence.ts';
import type { Explanation, MethodMap } from './explanation.ts';
import type { Numerator } from './method.ts';
import { type LayerMethodName, type MethodName, type MethodRows, methods } from './methods.ts';
import { parseMaps } from './parseSelection.ts';
import { peaksOf } from './peaks.ts';
import { alphaOf } from './plusPlus.ts';
import { chooseEntries, type Neuron, type Selection, strongestMaps } from './select.ts';
import { emptyTally } from './weigh.ts';

/** By what maps are ordered, and the strongest chosen: |w_k|, or the part of the map of the class that they bring, |Σ_ij w_k·A_ij^k|. */
export const strengthNames = ['weight', 'share'] as const;
/** One of them: `weight` or `share`. */
export type Strength = (typeof strengthNames)[number];

/** Which feature maps and how many of their neurons are listed, and by which method. */
export interface NeuronOptions {
  /** Indices, or the strongest, as numbers or as text: `top:16` unless given. */
  readonly maps?: Selection['maps'] | string | undefined;
  /** What makes a map strong: `weight`, |w_k|, unless given; or `share`, which is 0 where a map of large weight is silent. */
  readonly by?: Strength | undefined;
  /** Neurons of each map, at most; 4 unless given. */
  readonly each?: number | undefined;
  /** The method whose weights count: the last one of the explanation that weighs whole feature maps unless given. */
  readonly method?: MethodName | undefined;
  /** The model that was explained: with it each neuron's receptive field is found. */
  readonly model?: Pick<Model, 'receptiveField'> | undefined;
}

/** One neuron of a feature map, and what its map of the class takes from it. True derivatives are exp(logScale) times those held. */
export interface NeuronFacts extends Neuron {
  /** A_ij^k of the clean picture. */
  readonly activation: number;
  readonly d1: number;
  readonly d2: number;
  readonly d3: number;
  /** α_ij = D2 / (2 D2 + ΣA·D3), as the method has it; absent for methods without α. */
  readonly alpha?: number;
  /** w_k·A_ij^k / Σ|w·A| over the neurons of the layer that take part. */
  readonly share: number;
  /** The pixels of the network's input that it can depend on. */
  readonly field?: Box;
}

/** One feature map. */
export interface FeatureMap {
  readonly k: number;
  /** Place by |w_k| among all maps, from 1. */
  readonly rank: number;
  /** w_k; its true value is exp(logScale) times this. */
  readonly weight: number;
  /** Σ_ij of its neurons' shares. */
  readonly share: number;
  /** A^k, [H, W]. */
  readonly activation: Tensor;
  /** Its strongest neurons, strongest first. */
  readonly neurons: readonly NeuronFacts[];
}

/** The feature maps of a layer that a class rests on. */
export interface LayerNeurons {
  readonly layer: string;
  readonly method: LayerMethodName;
  /** What the derivatives are of. */
  readonly score: string;
  readonly logScale: number;
  /** [K, H, W] */
  readonly shape: Shape;
  /** w_k of all maps, [K]. */
  readonly weights: Float64Array;
  /** By |w_k| or by share, as asked for, largest first, ties to the lower k. */
  readonly maps: readonly FeatureMap[];
}

const action = 'list neurons';
const EACH = 4;

const optionKinds = {
  maps: ['text', 'list', 'record'],
  by: 'text',
  each: 'count',
  method: 'text',
  model: 'record',
} as const satisfies OptionKinds & Record<keyof NeuronOptions, OptionKinds[string]>;

/** A method's weights and what they were computed from. */
interface Weighed {
  readonly method: LayerMethodName;
  readonly map: MethodMap;
  readonly weights: Float64Array;
  readonly evidence: Evidence;
}

/** @throws InputError for a method that was not run or weighs no whole maps. */
function weighedBy({ maps, evidence }: Explanation, wanted: MethodName | undefined): Weighed {
  const ran = Object.keys(maps) as MethodName[];
  const able = ran.filter((name) => maps[name]?.weights !== undefined) as LayerMethodName[];
  const method = wanted === undefined ? able.at(-1) : able.find((name) => name === wanted);
  const [map, own] = method === undefined ? [] : [maps[method], evidence[method]];
  if (method !== undefined && map?.weights !== undefined && own !== undefined) {
    return { method, map, weights: map.weights, evidence: own };
  }
  const what = wanted === undefined ? 'by a method that weighs feature maps' : `by "${wanted}"`;
  const others = able.length === 0 ? 'explain by gradcam++ or smoothgradcam++' : `it has ${able.join(', ')}`;
  throw new InputError(`Cannot ${action} ${what}: the explanation has none such; ${others}`);
}

/** Maps by the size of their strengths, largest first, ties to the lower k. */
const byStrength = (strengths: ArrayLike<number>, maps: Iterable<number>) =>
  [...maps].sort((a, b) => Math.abs(strengths[b]) - Math.abs(strengths[a]) || a - b);

/** The maps asked for, strongest first. `top` is of those that take part. */
function chosenMaps(
  asked: Selection['maps'] | string,
  strengths: ArrayLike<number>,
  { shape, taking }: { readonly shape: Shape; readonly taking: readonly number[] },
): number[] {
  const wanted = typeof asked === 'string' ? parseMaps(asked) : asked;
  const { maps, top } = chooseEntries({ maps: wanted }, shape);
  const isTop = wanted === undefined || 'top' in wanted;
  return byStrength(strengths, strongestMaps(strengths, isTop ? taking : maps, top));
}

/** α of an entry of a map, where the method has any. */
function alphasOf(
  { method, evidence: { d1, d2, d3 } }: Weighed,
  numerator: Numerator,
  own: Contributions,
): ((k: number, at: number) => number) | undefined {
  const row = (methods as MethodRows)[method];
  if (row?.of !== 'layer' || row.order < 3) return undefined;
  const above = numerator === 'second' ? d2 : d1;
  return (k, at) => alphaOf(above.data[at], d2.data[at], own.sumOf(k) * d3.data[at], emptyTally());
}

/** What the neurons that take part add to the map of the class. */
interface Contributions {
  readonly a: ArrayLike<number>;
  /** w_k·A_ij^k of a map, [H·W]; 0 where a neuron takes no part. */
  of(k: number): Float64Array;
  /** Σ_ab A_ab of a whole map. */
  sumOf(k: number): number;
  /** Σ_ij w_k·A_ij^k of each map, [K]. */
  readonly sums: Float64Array;
  /** Σ|w·A| over all of them. */
  readonly total: number;
}

function contributions({ map, weights, evidence }: Weighed, select: Selection | undefined): Contributions {
  const { shape } = evidence.activation;
  const a = contiguous(evidence.activation).data;
  const size = shape[1] * shape[2];
  const entries = chooseEntries(select, shape);
  function of(k: number): Float64Array {
    const own = new Float64Array(size);
    for (const cell of entries.cells(k)) own[cell] = weights[k] * a[k * size + cell];
    return own;
  }
  function sumOf(k: number): number {
    let sum = 0;
    for (let at = k * size; at < (k + 1) * size; at++) sum += a[at];
    return sum;
  }
  const sums = new Float64Array(shape[0]);
  let total = 0;
  for (const k of map.maps ?? []) {
    for (const value of of(k)) {
      sums[k] += value;
      total += Math.abs(value);
    }
  }
  return { a, of, sumOf, sums, total };
}

/**
 * The feature maps of a layer that a class rests on, each with its strongest neurons: A, D1, D2, D3, α, the share that each has, and,
 * with `model`, where in the picture it looks.
 *
 * share = w_k·A_ij^k / Σ_k Σ_ij |w_k·A_ij^k|: what a neuron adds to the map Σ_k w_k A^k before its ReLU, as a part of all that is added
 * or taken away, so that the absolute values of the shares of all neurons sum to 1; 0 where nothing is added at all. A neuron is listed
 * where |w_k·A_ij^k| is above 0 and no smaller than at its eight neighbours (of equals the first in row-major order counts), so that
 * each stands for another part of the picture. With a selection only its entries take part.
 * Cost: one pass over the layer.
 * @throws InputError where no method of the explanation weighs feature maps, or for maps that the layer lacks.
 * Source: Omeiza et al. 2019 (Smooth Grad-CAM++), section 3: maps and neurons at the level of the inference.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const explanation = await explain(model, input, { methods: ['gradcam++'] });
 * const { maps } = neurons(explanation, { model, maps: 'top:3', by: 'share', each: 2 });
 * maps.map(({ k }) => k) // [12, 0, 9]
 * maps[0].neurons[0].field !== undefined // true
 */
export function neurons(explanation: Explanation, options: NeuronOptions = {}): LayerNeurons {
  wantRecord(explanation, 'the explanation', action);
  for (const part of ['maps', 'evidence', 'choices'] as const)
    wantRecord(explanation[part], `its ${part}`, action);
  checkOptions(options, optionKinds, action);
  const { maps: asked = 'top:16', each = EACH, by = 'weight', method: wanted, model } = options;
  if (!strengthNames.includes(by)) {
    throw new InputError(`Cannot ${action}: by must be ${strengthNames.join(' or ')}, got "${by}"`);
  }
  const weighed = weighedBy(explanation, wanted);
  const { method, map, weights, evidence } = weighed;
  const { layer, choices } = explanation;
  const { shape } = evidence.activation;
  const [, height, width] = shape;
  const own = contributions(weighed, choices.select);
  const alpha = alphasOf(weighed, choices.numerator, own);
  const shareOf = (value: number) => (own.total > 0 ? value / own.total : 0);
  const { d1, d2, d3 } = evidence;

  function neuronAt(k: number, cell: number): NeuronFacts {
    const [at, y, x] = [k * height * width + cell, Math.floor(cell / width), cell % width];
    const field = model?.receptiveField(layer, { y0: y, x0: x, y1: y + 1, x1: x + 1 });
    return {
      ...{ k, y, x, activation: own.a[at], d1: d1.data[at], d2: d2.data[at], d3: d3.data[at] },
      ...(alpha && { alpha: alpha(k, at) }),
      share: shareOf(weights[k] * own.a[at]),
      ...(field && { field }),
    };
  }

  const ranks = new Map(byStrength(weights, weights.keys()).map((k, place) => [k, place + 1]));
  function mapAt(k: number): FeatureMap {
    const added = own.of(k);
    const start = k * height * width;
    const activation = Float64Array.from({ length: height * width }, (_, cell) => own.a[start + cell]);
    return {
      ...{ k, rank: ranks.get(k) as number, weight: weights[k] },
      share: shareOf(own.sums[k]),
      activation: fromData(activation, [height, width]),
      neurons: peaksOf(added.map(Math.abs), [height, width])
        .slice(0, each)
        .map((cell) => neuronAt(k, cell)),
    };
  }

  const { score, logScale } = map;
  const chosen = chosenMaps(asked, by === 'weight' ? weights : own.sums, { shape, taking: map.maps ?? [] });
  return { ...{ layer, method, score, logScale, shape, weights }, maps: chosen.map(mapAt) };
}
