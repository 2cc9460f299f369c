import { boxOverlap } from './boxOverlap.ts';
import { adcc, coherency, complexity } from './coherence.ts';
import { entropy, sparsity } from './concentration.ts';
import { averageDrop, gain, increase } from './confidence.ts';
import { contribution } from './contribution.ts';
import { coverage, evenness, occurrenceScore } from './coverage.ts';
import { energyPointing } from './energyPointing.ts';
import type { Metric } from './metric.ts';
import { deletion, insertion } from './pixelSteps.ts';
import { pointingGame } from './pointingGame.ts';
import { absoluteRandomisation, randomisation } from './randomisation.ts';
import { road } from './road.ts';
import { maxSensitivity, stability } from './robustness.ts';
import { bestOverlap, pixelPrecision } from './thresholds.ts';

/**
 * Every metric by the name that it has in flags and files.
 * @example
 * const map = relevanceOf(tensor([[0, 1], [0, 3]]));
 * typeof map === 'string' ? 0 : metrics.mass.measure(map, [[0, 0, 0, 1]]) // 0.75
 */
export const metrics = {
  pointing: pointingGame,
  mass: energyPointing,
  'loc@0.15': boxOverlap(0.15),
  'loc@0.5': boxOverlap(0.5),
  iou: bestOverlap,
  pxap: pixelPrecision,
  'covered@0.15': coverage(0.15),
  'covered@0.5': coverage(0.5),
  evenness,
  focc: occurrenceScore,
  contribution,
  drop: averageDrop,
  increase,
  gain,
  'insertion-blur': insertion('blur'),
  'insertion-mean': insertion('mean'),
  'deletion-blur': deletion('blur'),
  'deletion-mean': deletion('mean'),
  road,
  coherency,
  complexity,
  adcc,
  sensitivity: maxSensitivity,
  stability,
  randomisation,
  'randomisation-absolute': absoluteRandomisation,
  sparsity,
  entropy,
} as const satisfies Readonly<Record<string, Metric>>;

/** The metrics, by the names that they have in flags and files. */
export type MetricName = keyof typeof metrics;

/**
 * All metrics by name.
 * @example
 * metricNames.includes('pointing') // true
 */
export const metricNames = Object.keys(metrics) as readonly MetricName[];

/**
 * The metrics that are measured unless others are named: those that take many passes are not.
 * @example
 * defaultMetricNames.includes('road') // false
 */
export const defaultMetricNames = metricNames.filter((name) => metrics[name].isDefault);

/** Row of a metric, as any metric. */
export const metricOf = (name: MetricName): Metric => metrics[name];
