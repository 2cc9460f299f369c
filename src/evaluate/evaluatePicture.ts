import { effectiveSampleSize, timesOnTop } from '../cam/diagnostics.ts';
import type { Evidence } from '../cam/evidence.ts';
import { explainClasses } from '../cam/explain.ts';
import type { Explanation, MethodMap } from '../cam/explanation.ts';
import { classFinder } from '../cam/matchClass.ts';
import type { Probe, Relevance } from '../cam/metrics/metric.ts';
import { type MetricName, metricOf } from '../cam/metrics/metrics.ts';
import { moreMethods } from '../cam/more/moreMethods.ts';
import { inputSizeOf } from '../image/inputSizeOf.ts';
import { preprocess } from '../image/preprocess.ts';
import type { Model } from '../model/model.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { masksOnInput, occurrenceFacts } from './masksOnInput.ts';
import { createProbe, relevanceAt } from './probe.ts';
import type { Finding, PictureResult } from './result.ts';
import type { SetPicture } from './sets/setPicture.ts';
import { type Round, roundsOf, type Settings } from './settings.ts';
import { smallMap } from './smallMap.ts';
import type { EvaluatedModel } from './subject.ts';

/** The class that a label names; undefined for one that the model lacks. */
function labelledClass({ labels }: Model, label: string | undefined): number | undefined {
  if (label === undefined) return undefined;
  const matches = classFinder({ labels, count: labels?.length }).matches(label);
  return matches.length === 1 ? matches[0] : undefined;
}

/** A picture as the network sees it. */
interface Seen {
  readonly evaluated: EvaluatedModel;
  readonly settings: Settings;
  readonly input: Tensor;
  readonly masks: readonly Uint8Array[];
  /** Pictures without one of the occurrences each, in the order of the masks; undefined where the set cannot tell. */
  readonly removals: readonly Tensor[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What the score loses where each occurrence is taken out. */
async function dropsOf({ removals, input }: Seen, probe: Probe): Promise<Float64Array | undefined> {
  if (removals === undefined) return undefined;
  const [clean, ...without] = await probe.probabilities([input, ...removals]);
  return Float64Array.from(without, (p) => clean - p);
}

interface Measuring extends Pick<Seen, 'masks'> {
  readonly probe: Probe;
  readonly drops: Float64Array | undefined;
}

/** A metric of a map that says something; null where the metric says nothing of this picture. */
async function measure(
  name: MetricName,
  map: Relevance,
  { masks, probe, drops }: Measuring,
): Promise<number | null> {
  const metric = metricOf(name);
  if (metric.needs === 'map') return metric.measure(map);
  if (metric.needs === 'passes') return metric.measure(map, probe);
  if (masks.length === 0) return null;
  if (metric.needs === 'masks') return metric.measure(map, masks) ?? null;
  return drops === undefined ? null : (metric.measure(map, masks, drops) ?? null);
}

/** Whether a metric says anything of a picture, whatever the map. */
function applies(name: MetricName, { masks, drops }: Pick<Measuring, 'masks' | 'drops'>): boolean {
  const { needs } = metricOf(name);
  if (name === 'evenness' || needs === 'removals')
    return masks.length > 1 && (needs === 'masks' || drops !== undefined);
  return needs === 'map' || needs === 'passes' || masks.length > 0;
}

async function findingOf(
  map: Relevance | 'empty' | 'nan',
  { measuring, settings }: { measuring: Measuring; settings: Settings },
): Promise<Pick<Finding, 'state' | 'metrics'>> {
  const metrics: Record<string, number | null> = {};
  for (const name of settings.metrics) {
    if (typeof map !== 'string') metrics[name] = await measure(name, map, measuring);
    else metrics[name] = applies(name, measuring) ? metricOf(name).worst : null;
  }
  return { state: typeof map === 'string' ? map : 'ok', metrics };
}

/** What the noise did, where a method read noisy inputs. */
function noiseFacts(evidence: Evidence | undefined) {
  if (evidence === undefined || evidence.sigma === 0 || evidence.samples.length === 0) return {};
  return {
    onTop: timesOnTop(evidence.samples) / evidence.samples.length,
    effectiveSampleSize: effectiveSampleSize(evidence),
  };
}

/** How it is stopped, and who hears what share of it is done. */
export interface PictureDrive {
  readonly signal?: AbortSignal | undefined;
  readonly onShare?: ((share: number) => void) | undefined;
}

/** Everything found of one class in one round; `onTrial` hears of each trial. */
async function roundFindings(
  explanation: Explanation,
  round: Round,
  { seen, onTrial }: { readonly seen: Seen; onTrial(): void },
): Promise<Finding[]> {
  const { evaluated, input, settings, masks, signal } = seen;
  const { classIndex } = explanation;
  const options = { layer: settings.layer, seed: settings.seed, signal };
  const findings: Finding[] = [];
  let drops: Float64Array | undefined;
  for (const [i, trial] of round.trials.entries()) {
    signal?.throwIfAborted();
    const made = explanation.maps[trial.method] as MethodMap;
    const probe = createProbe({ evaluated, input, classIndex, round, trial, options });
    if (i === 0 && settings.metrics.includes('contribution')) drops = await dropsOf(seen, probe);
    const map = relevanceAt(made.raw, input);
    const found = await findingOf(map, { measuring: { masks, probe, drops }, settings });
    findings.push({
      method: trial.method,
      name: trial.name,
      setting: trial.setting,
      ...found,
      ...(made.counts && { counts: made.counts }),
      ...(made.equals && { equals: made.equals.method }),
      ...noiseFacts(explanation.evidence[trial.method]),
      map: smallMap(made.raw),
    });
    onTrial();
  }
  return findings;
}

/** The picture and what is on it, brought to the size of the input. */
function seenBy(
  evaluated: EvaluatedModel,
  { picture, masks: given, without }: SetPicture,
  { settings, signal }: Pick<Seen, 'settings' | 'signal'>,
): Seen {
  const { model, preprocessing } = evaluated;
  const size = inputSizeOf(model);
  const { input, crop } = preprocess(picture, preprocessing, size);
  const onInput = masksOnInput(given, picture, { crop, input: frameOf(input) });
  const kept = onInput.flatMap((mask, i) => (mask === undefined ? [] : [i]));
  const masks = kept.map((i) => onInput[i] as Uint8Array);
  const removals = without && kept.map((i) => preprocess(without(i), preprocessing, size).input);
  return { evaluated, settings, input, masks, removals, signal };
}

const frameOf = ({ shape: [, , height, width] }: Tensor) => ({ width, height });

/** Everything found of some classes, by class, round by round. */
async function findingsOf(
  seen: Seen,
  classes: readonly number[],
  onShare: PictureDrive['onShare'],
): Promise<Record<number, Finding[]>> {
  const { evaluated, settings, input, signal } = seen;
  const { layer, seed } = settings;
  const findings: Record<number, Finding[]> = {};
  const rounds = roundsOf(settings);
  for (const [i, round] of rounds.entries()) {
    // Half of a round is the maps, half what is measured of them, as far as anybody knows before.
    const tell = (share: number) => onShare?.((i + share) / rounds.length);
    let measured = 0;
    const trials = round.trials.length * classes.length;
    const onTrial = () => tell(0.5 + (0.5 * ++measured) / trials);
    const { score, sigma, samples } = round;
    const methods = [...new Set(round.trials.map(({ method }) => method))];
    const explanations = await explainClasses(evaluated.model, input, {
      ...{ layer, seed, signal, moreMethods, score, sigma, samples, methods, classes },
      onProgress: (share) => tell(0.5 * share),
    });
    for (const explanation of explanations) {
      findings[explanation.classIndex] = [
        ...(findings[explanation.classIndex] ?? []),
        ...(await roundFindings(explanation, round, { seen, onTrial })),
      ];
    }
  }
  return findings;
}

/**
 * Everything that is measured of one picture by one model: a plain record, the same bytes wherever it is computed.
 * @throws InputError where the picture cannot be explained.
 */
export async function evaluatePicture(
  evaluated: EvaluatedModel,
  given: SetPicture,
  { settings, signal, onShare }: { readonly settings: Settings } & PictureDrive,
): Promise<Omit<PictureResult, 'picture' | 'model'>> {
  const { model } = evaluated;
  const seen = seenBy(evaluated, given, { settings, signal });
  const { input, masks } = seen;
  const label = labelledClass(model, given.label);
  const { layer, seed } = settings;
  const [{ classIndex: predicted, explained }] = await explainClasses(model, input, {
    ...{ layer, seed, signal, moreMethods, methods: ['gradcam'], classes: { top: 1 } },
  });
  const classes = [...new Set([label ?? predicted, predicted])];
  const findings = await findingsOf(seen, classes, onShare);
  return {
    label: given.label ?? null,
    ...occurrenceFacts(masks, frameOf(input)),
    predicted: { index: predicted, label: explained.label ?? null, probability: explained.probability },
    classes: classes.map((index) => ({
      index,
      label: model.labels?.[index] ?? null,
      as: [
        ...(index === label ? (['label'] as const) : []),
        ...(index === predicted ? (['prediction'] as const) : []),
      ],
      findings: findings[index] ?? [],
    })),
  };
}
