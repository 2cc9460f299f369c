import type { Model } from '../model/model.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import { effectiveSampleSize, rankOf, sampleWarnings, timesOnTop } from './diagnostics.ts';
import type { Evidence, SampleScore } from './evidence.ts';
import type { Choices, Collected } from './explain.ts';
import { explainEmpty } from './explainEmpty.ts';
import { gradCam } from './gradCam.ts';
import { gradCamPlusPlus } from './gradCamPlusPlus.ts';
import { camMap, normalizeMap } from './map.ts';
import type { AlphaCounts, MethodName, MethodResult } from './method.ts';
import { emptySmoothGrad, smoothGradMap } from './smoothGrad.ts';
import { smoothGradCamPlusPlus } from './smoothGradCamPlusPlus.ts';

/** One class as the network ranked it. */
export interface RankedClass {
  readonly classIndex: number;
  readonly label: string | undefined;
  readonly logit: number;
  readonly probability: number;
}

export interface MethodMap {
  /** The map before display, float64 [H, W]; its true values are exp(logScale) times these. */
  readonly raw: Tensor;
  /** raw / max raw. */
  readonly normalized: Tensor;
  /** w_k, [K], and how α came out; absent for smoothgrad. */
  readonly weights?: Float64Array;
  readonly counts?: AlphaCounts;
  readonly maps?: readonly number[];
  readonly logScale: number;
  /** Why the map is all zero and what to try; absent where it is not. */
  readonly empty?: string;
}

export interface Explanation {
  readonly classIndex: number;
  readonly label: string | undefined;
  /** Tensor name of the layer. */
  readonly layer: string;
  /** The five most probable classes of the clean image. */
  readonly top: readonly RankedClass[];
  /** The explained class, wherever it ranks. */
  readonly explained: RankedClass & { readonly rank: number };
  readonly maps: Partial<Record<MethodName, MethodMap>>;
  /** What each method was computed from. */
  readonly evidence: Partial<Record<Exclude<MethodName, 'smoothgrad'>, Evidence>>;
  readonly warnings: readonly string[];
  /** Everything chosen and found, but for the arrays, as plain JSON data. */
  manifest(): Record<string, unknown>;
}

interface Answer {
  readonly z: Tensor;
  readonly p: Float64Array;
}

function ranked(model: Model, { z, p }: Answer, classIndex: number): RankedClass {
  const logit = contiguous(z).data[classIndex];
  return { classIndex, label: model.labels?.[classIndex], logit, probability: p[classIndex] };
}

function topFive(model: Model, answer: Answer): RankedClass[] {
  const logits = contiguous(answer.z).data;
  return Array.from(logits.keys())
    .sort((a, b) => logits[b] - logits[a] || a - b)
    .slice(0, 5)
    .map((index) => ranked(model, answer, index));
}

const isEmpty = (map: Tensor) => map.data.every((value) => value === 0);

function methodMap(
  method: Exclude<MethodName, 'smoothgrad'>,
  evidence: Evidence,
  { numerator, select }: Choices,
): MethodMap {
  const methods = {
    gradcam: () => gradCam(evidence, { select }),
    'gradcam++': () => gradCamPlusPlus(evidence, { numerator, select }),
    'smoothgradcam++': () => smoothGradCamPlusPlus(evidence, { numerator, select }),
  };
  const result: MethodResult = methods[method]();
  const raw = camMap(evidence.activation, result.weights, { select });
  const { weights, counts, maps } = result;
  const shared = { raw, normalized: normalizeMap(raw), weights, counts, maps, logScale: evidence.logScale };
  return isEmpty(raw) ? { ...shared, empty: explainEmpty({ method, evidence, result, select }) } : shared;
}

function smoothGradOf(gradient: Tensor): MethodMap {
  const raw = smoothGradMap(gradient);
  const shared = { raw, normalized: normalizeMap(raw), logScale: 0 };
  return isEmpty(raw) ? { ...shared, empty: emptySmoothGrad } : shared;
}

/** The methods of one class, from what was collected for it. */
export function explanationOf(
  model: Model,
  choices: Choices,
  collected: Collected,
  answer: Answer,
): Explanation {
  const { classIndex, inputGradient } = collected;
  const evidence: Explanation['evidence'] = {
    ...(collected.gradient && { gradcam: collected.gradient.evidence() }),
    ...(collected.clean && { 'gradcam++': collected.clean.evidence() }),
    ...(collected.noisy && { 'smoothgradcam++': collected.noisy.evidence() }),
  };
  const maps: Explanation['maps'] = {};
  for (const method of choices.methods) {
    if (method === 'smoothgrad') {
      if (inputGradient !== undefined) maps[method] = smoothGradOf(inputGradient.mean());
    } else {
      const own = evidence[method];
      if (own !== undefined) maps[method] = methodMap(method, own, choices);
    }
  }
  const noisy = evidence['smoothgradcam++'];
  const empties = Object.values(maps).flatMap(({ empty }) => empty ?? []);
  const warnings = [...(noisy === undefined ? [] : sampleWarnings(noisy)), ...empties];
  const found = {
    classIndex,
    label: model.labels?.[classIndex],
    layer: choices.layer,
    top: topFive(model, answer),
    explained: { ...ranked(model, answer, classIndex), rank: rankOf(contiguous(answer.z).data, classIndex) },
  };
  return {
    ...found,
    maps,
    evidence,
    warnings,
    manifest: () => ({
      ...found,
      choices: { ...choices, classIndex },
      precision: { trunk: 'float32', head: 'float64' },
      methods: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, summary(map)])),
      noise: noisy && noiseSummary(noisy),
      warnings,
    }),
  };
}

function summary({ raw, logScale, counts, maps, empty }: MethodMap): Record<string, unknown> {
  const most = (raw.data as Float64Array).reduce((a, b) => Math.max(a, b), 0);
  return { shape: raw.shape, maximum: most, logScale, counts, maps: maps?.length, empty };
}

function noiseSummary(evidence: Evidence): Record<string, unknown> {
  const { samples, sigma, noiseStd, seed, logScale } = evidence;
  return {
    sigma,
    noiseStd,
    seed,
    logScale,
    samples: samples.map(({ logit, probability, rank }: SampleScore) => ({ logit, probability, rank })),
    onTop: timesOnTop(samples),
    effectiveSampleSize: effectiveSampleSize(evidence),
  };
}
