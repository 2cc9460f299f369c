import type { Arrays, ContenderKind, Facts, Job, Setting } from '../contenders/contender.ts';

/** What a contender's process is asked, one thing at a time. */
export type Request =
  | { readonly kind: 'load'; readonly contender: ContenderKind; readonly job: Job; readonly setting: Setting }
  | { readonly kind: 'run' }
  /** The arrays of the last run. */
  | { readonly kind: 'output' }
  | { readonly kind: 'facts' };

export interface Timing {
  readonly seconds: number;
  /** Processor time of all its threads. */
  readonly cpuSeconds: number;
}

export interface Replies {
  load: Timing;
  run: Timing;
  output: Arrays;
  facts: {
    readonly peakBytes: number;
    readonly items?: number;
    readonly error?: number;
    readonly facts?: Facts;
  };
}

export type Reply = { readonly value: Replies[keyof Replies] } | { readonly error: string };
