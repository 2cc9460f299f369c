import type { Tensor } from '../../tensor/tensor.ts';

/** A map as metrics read it: at the size of the network's input, its positive part, some of it above 0. */
export interface Relevance {
  readonly height: number;
  readonly width: number;
  /** Row-major, each at least 0. */
  readonly data: Float64Array;
  /** Its largest value, above 0. */
  readonly most: number;
}

/** The pixels of one occurrence of the class, row-major: those that are not 0. */
export type Mask = ArrayLike<number>;

/** What a metric that runs the network may ask of it. */
export interface Probe {
  /** The picture as the network takes it, [1, C, H, W]. */
  readonly input: Tensor;
  /** Mid-grey of a photograph in the network's units, for each channel. */
  readonly grey: readonly number[];
  readonly seed: number;
  /** p of the clean picture's class for pictures [1, C, H, W]. */
  probabilities(inputs: Iterable<Tensor>): Promise<Float64Array>;
  /** The same method's map of another picture for the same class, at the input's size: `undefined` where it is empty or not finite. */
  mapOf(input: Tensor): Promise<Relevance | undefined>;
  /** The map with what speaks against the class, row-major at the input's size: the map itself where the method knows no negative part. */
  signedMap(): Promise<ArrayLike<number>>;
  /** The same by the network with its last weighted layer drawn anew, the last two, … all of them: `undefined` where it is not finite. */
  randomisedMaps(): Promise<readonly (ArrayLike<number> | undefined)[]>;
}

/** What is known of every metric. */
export interface MetricFacts {
  readonly title: string;
  /** Which way is better. */
  readonly better: 'more' | 'less';
  /** What an empty map, or one that is not finite, gets: the worst that there is. */
  readonly worst: number;
  /** In one sentence, as captions have it. */
  readonly definition: string;
  /** Whether it is measured unless others are named: not where it takes many passes. */
  readonly isDefault: boolean;
}

/** A metric of a map alone. */
export interface MapMetric extends MetricFacts {
  readonly needs: 'map';
  measure(map: Relevance): number;
}

/** A metric of a map and the occurrences of the class: undefined where it says nothing of so few. */
export interface MaskMetric extends MetricFacts {
  readonly needs: 'masks';
  measure(map: Relevance, masks: readonly Mask[]): number | undefined;
}

/** A metric of what the score loses where one occurrence at a time is taken from the scene. */
export interface RemovalMetric extends MetricFacts {
  readonly needs: 'removals';
  measure(map: Relevance, masks: readonly Mask[], drops: ArrayLike<number>): number | undefined;
}

/** A metric that takes passes of the network. */
export interface PassMetric extends MetricFacts {
  readonly needs: 'passes';
  measure(map: Relevance, probe: Probe): Promise<number>;
}

/** What is known of a metric; the rows are in metrics.ts. */
export type Metric = MapMetric | MaskMetric | RemovalMetric | PassMetric;
