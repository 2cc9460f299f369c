/** `jetgrad/metrics`: how well maps show where a class is and what the network reads, and how to compare them. */
export type {
  MapMetric,
  Mask,
  MaskMetric,
  Metric,
  MetricFacts,
  PassMetric,
  Probe,
  Relevance,
  RemovalMetric,
} from './metric.ts';
export { defaultMetricNames, type MetricName, metricNames, metrics } from './metrics.ts';
export { type PairedDifference, pairedDifference, signTest } from './paired.ts';
export { relevanceOf, type Unusable } from './relevance.ts';
