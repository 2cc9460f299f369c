import type { GeneralTask } from '../general/tasks.ts';
import type { NetworkName } from '../networks/index.ts';

/** What is timed. */
export type Job =
  | { readonly kind: 'forward'; readonly network: NetworkName; readonly batch: number }
  /** explain() by one method that averages over noise, the clean pass included. */
  | {
      readonly kind: 'explain';
      readonly network: NetworkName;
      readonly method: 'smoothgradcam++' | 'smoothgrad';
      readonly samples: number;
    }
  /** D1, D2, D3 of every entry of the default layer, from a given A, float64. */
  | {
      readonly kind: 'diagonal';
      readonly network: NetworkName;
      readonly score: 'exp' | 'prob';
      /** Logits are scaled so that the top class has this probability. */
      readonly confidence?: number;
      readonly prune?: number;
    }
  /** One float64 VJP of the head behind the default layer, with the head's forward. */
  | { readonly kind: 'headVjp'; readonly network: NetworkName }
  /** Float32 logits against the float64 reference. */
  | { readonly kind: 'precision'; readonly network: NetworkName }
  /** Derivatives of a function that is no network of images. */
  | { readonly kind: 'general'; readonly task: GeneralTask };

export const contenderKinds = [
  'jetgrad',
  'onnxruntime-node',
  'onnxruntime-web',
  'tfjs-wasm',
  'tfjs-cpu',
  'jax-js',
  'jax-js-jit',
  'micrograd',
] as const;
export type ContenderKind = (typeof contenderKinds)[number];

/** Under what a contender works. */
export interface Setting {
  readonly threads: number;
  /** Folder of the networks' files. */
  readonly models: string;
  /** Folder of the built jetgrad that computes. */
  readonly root: string;
  readonly seed: number;
}

export type Arrays = readonly (Float32Array | Float64Array)[];
export type Facts = Readonly<Record<string, string | number>>;

/** A job made ready: the network loaded, the input at hand. */
export interface Work {
  /** Does the job once. What it gives is held against what the others give. */
  run(): Promise<Arrays>;
  /** How often a run does it, where it is brief. */
  readonly items?: number;
  /** What else is worth knowing, looked up after the measured runs. */
  facts?(): Promise<Facts>;
  /** How far the last run was from a reference that the job has of its own. */
  error?(): number;
}

export interface Contender {
  load(job: Job, setting: Setting): Promise<Work>;
}

/** The job of a contender that runs networks forward and does nothing else. */
export function wantForward(job: Job, name: string): Extract<Job, { kind: 'forward' }> {
  if (job.kind === 'forward') return job;
  throw new Error(`Internal: ${name} runs networks forward, it cannot do ${job.kind}`);
}

/** The job of a contender that knows no networks. */
export function wantGeneral(job: Job, name: string): Extract<Job, { kind: 'general' }> {
  if (job.kind === 'general') return job;
  throw new Error(`Internal: ${name} runs no networks, it cannot do ${job.kind}`);
}
