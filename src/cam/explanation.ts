import { layoutFacts } from '../model/graph/layout.ts';
import type { Model } from '../model/model.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import type { AskedPlace } from './askedPlace.ts';
import type { Choices, Chosen } from './choices.ts';
import { type Collected, type EvidenceMethod, isNoisy, needOf, scoreFor } from './collect.ts';
import { controlNotes } from './controlNotes.ts';
import { effectiveSampleSize, prunedOf, rankOf, sampleWarnings, timesOnTop } from './diagnostics.ts';
import type { Evidence, SampleScore } from './evidence.ts';
import { normalizeMap } from './map.ts';
import type { Equality, Method, RawMap } from './method.ts';
import type { LayerMethodName, MethodName } from './methods.ts';
import type { Asked } from './question.ts';

/** One class as the network ranked it. */
export interface RankedClass {
  readonly classIndex: number;
  readonly label: string | undefined;
  readonly logit: number;
  /** Present where the logit is known only to be at least or at most that. */
  readonly bound?: 'least' | 'most';
  /** 1 where a score that speaks of no classes stands in place of a class. */
  readonly probability: number;
}

/** A class, and the place of its logit among all, 1 for the predicted one. */
export interface ExplainedClass extends RankedClass {
  readonly rank: number;
}

/** A method's map, for reading and for display. */
export interface MethodMap extends RawMap {
  /** raw / max raw. */
  readonly normalized: Tensor;
  /** True values of the raw map and of the weights are exp(logScale) times those held. */
  readonly logScale: number;
  /** What the derivatives are of. */
  readonly score: string;
  /** The method that gives the same map here whatever the noise, and why. */
  readonly equals?: Equality;
  /** Where `prune` merged classes: how many in each sample, and bounds[r − 1] ≥ |error of D_r| in the evidence. */
  readonly pruned?: { readonly merged: readonly number[]; readonly bounds: readonly number[] };
}

/** What was found for one class of one image. */
export interface Explanation {
  readonly classIndex: number;
  readonly label: string | undefined;
  /** Whether the class was asked for; else it is the predicted one. */
  readonly isAskedFor: boolean;
  /** Tensor name of the layer. */
  readonly layer: string;
  /** The five most probable classes of the clean image; empty where the score speaks of no classes. */
  readonly top: readonly RankedClass[];
  /** The explained class, wherever it ranks. */
  readonly explained: ExplainedClass;
  /** The class that it is held against, where there is one. */
  readonly against?: ExplainedClass;
  /** What was chosen on the clean picture and held in the noisy samples, such as the box of a detector; absent where nothing was. */
  readonly picked?: Readonly<Record<string, unknown>>;
  /** Where on the picture that is: the pixels that are summed, or the box of a detector; absent where the whole picture is asked about. */
  readonly place?: AskedPlace;
  /** The choices made, as they were run. */
  readonly choices: Choices;
  /** By the methods asked for, in the order asked for. */
  readonly maps: Partial<Readonly<Record<MethodName, MethodMap>>>;
  /** What each method of the layer was computed from. */
  readonly evidence: Partial<Readonly<Record<MethodName, Evidence>>>;
  readonly warnings: readonly string[];
  /** Everything chosen and found, but for the arrays, as plain JSON data. */
  manifest(): Record<string, unknown>;
}

/** An explanation by methods that the compiler knows: their maps are there. */
export type ExplanationBy<M extends MethodName> = Explanation &
  ([MethodName] extends [M]
    ? unknown
    : {
        readonly maps: Readonly<Record<M, MethodMap>>;
        readonly evidence: Readonly<Record<M & LayerMethodName, Evidence>>;
      });

/** What the clean picture says of its classes. */
interface Answer extends Pick<Asked, 'z' | 'bounds' | 'hasClasses' | 'label'> {
  readonly p: Float64Array;
  readonly isAskedFor: boolean;
}

function ranked(model: Model, { z, bounds, p, hasClasses, label }: Answer, classIndex: number): RankedClass {
  const logit = contiguous(z).data[classIndex];
  if (!hasClasses) return { classIndex, label, logit, probability: 1 };
  const bound = bounds?.get(classIndex);
  const found = { classIndex, label: model.labels?.[classIndex], logit, probability: p[classIndex] };
  return bound === undefined ? found : { ...found, bound };
}

const explainedClass = (model: Model, answer: Answer, classIndex: number): ExplainedClass => ({
  ...ranked(model, answer, classIndex),
  rank: rankOf(contiguous(answer.z).data, classIndex),
});

/** Indices of the largest values, largest first, the lower of equals before the other. */
export function topIndices(values: ArrayLike<number>, count = 5): number[] {
  return Array.from({ length: values.length }, (_, index) => index)
    .sort((a, b) => values[b] - values[a] || a - b)
    .slice(0, count);
}

function topFive(model: Model, answer: Answer): RankedClass[] {
  if (!answer.hasClasses) return [];
  return topIndices(contiguous(answer.z).data).map((index) => ranked(model, answer, index));
}

interface Found {
  readonly maps: Partial<Record<MethodName, MethodMap>>;
  readonly evidence: Partial<Record<MethodName, Evidence>>;
  /** The evidence over noisy inputs, where there is any. */
  readonly noisy: Evidence | undefined;
}

function equalityOf({ smooths }: EvidenceMethod, { noiseless }: Choices): Equality | undefined {
  return smooths === undefined || noiseless === undefined
    ? undefined
    : { method: smooths, reason: noiseless };
}

/** What is to be said of methods that noise changes nothing of. */
function equalityNotes(maps: Found['maps']): string[] {
  return Object.entries(maps).flatMap(([name, { equals }]) =>
    equals === undefined
      ? []
      : `The ${name} map is that of ${equals.method} here, whatever the noise, because ${equals.reason}: its noisy passes are left out; try an earlier --layer or --score prob.`,
  );
}

/** What is to be said where no σ was found. */
function sigmaNotes({ sigma, sigmasTried = [] }: Choices): string[] {
  const least = sigmasTried.at(-1)?.sigma;
  return sigma > 0 || least === undefined
    ? []
    : [
        `No noise from σ ${least} on leaves the clean picture's class on top in 80 % of the samples: σ is 0, so nothing is smoothed.`,
      ];
}

/** All that was collected of one class. */
interface Gathered {
  readonly choices: Chosen;
  readonly collected: Collected;
  /** Maps of the methods that took passes of their own. */
  readonly passed: ReadonlyMap<MethodName, RawMap>;
}

/** Every method's map, and the evidence that it read. */
function findMaps({ choices, collected: { layer, inputGradient }, passed }: Gathered): Found {
  const { select, numerator } = choices;
  const all = new Map([...layer].map(([need, { accumulator }]) => [need, accumulator.evidence()]));
  const maps: Partial<Record<MethodName, MethodMap>> = {};
  const evidence: Partial<Record<MethodName, Evidence>> = {};
  let noisy: Evidence | undefined;
  for (const name of choices.methods) {
    const method = choices.rows[name] as Method;
    if (method.of === 'input') {
      const made = method.map((inputGradient as NonNullable<typeof inputGradient>).mean());
      const score = scoreFor({ score: 'logit' }, choices);
      maps[name] = { ...made, normalized: normalizeMap(made.raw), logScale: 0, score };
    } else {
      const own = all.get(needOf(method, choices)) as Evidence;
      const made =
        method.of === 'layer' ? method.map(own, { select, numerator }) : (passed.get(name) as RawMap);
      evidence[name] = own;
      if (isNoisy(method, choices)) noisy = own;
      const equals = equalityOf(method, choices);
      const shared = { normalized: normalizeMap(made.raw), logScale: own.logScale, score: own.score };
      const pruned = prunedOf(own);
      maps[name] = { ...made, ...shared, ...(equals && { equals }), ...(pruned && { pruned }) };
    }
  }
  return { maps, evidence, noisy };
}

/** What is said of derivatives where a network rounds. */
export const DEQUANTISED = 'of the dequantised network';

/** The methods of one class, from what was collected for it. */
export function explanationOf(model: Model, gathered: Gathered, answer: Answer): Explanation {
  const { collected } = gathered;
  const { rows: _, ...choices } = gathered.choices;
  const { classIndex, against } = collected.pair;
  const { maps, evidence, noisy } = findMaps(gathered);
  const empties = Object.values(maps).flatMap(({ empty }) => empty ?? []);
  const explained = explainedClass(model, answer, classIndex);
  const { choices: picked, place } = collected.reading;
  const found = {
    classIndex,
    label: explained.label,
    layer: choices.layer,
    top: topFive(model, answer),
    explained,
    ...(against !== undefined && { against: explainedClass(model, answer, against) }),
    ...(picked && { picked }),
  };
  const warnings = [
    ...(noisy === undefined ? [] : sampleWarnings(noisy, found.explained.rank)),
    ...sigmaNotes(choices),
    ...controlNotes(model),
    ...equalityNotes(maps),
    ...empties,
  ];
  return {
    ...found,
    ...(place && { place }),
    isAskedFor: answer.isAskedFor,
    choices,
    maps,
    evidence,
    warnings,
    manifest: () => ({
      ...found,
      ...layoutFacts(choices.layout),
      choices: { ...choices, classIndex, against },
      precision: { trunk: model.precision, head: 'float64' },
      ...(model.isQuantised && { derivatives: DEQUANTISED }),
      methods: Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, summary(map)])),
      noise: noisy && noiseSummary(noisy),
      warnings,
    }),
  };
}

function summary({ raw, maps, ...map }: MethodMap): Record<string, unknown> {
  const { logScale, score, counts, empty, equals, pruned } = map;
  const most = raw.data.reduce((a, b) => Math.max(a, b), 0);
  return {
    shape: raw.shape,
    score,
    maximum: most,
    logScale,
    counts,
    maps: maps?.length,
    empty,
    equals,
    pruned,
  };
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
