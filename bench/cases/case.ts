import type { ContenderKind, Facts, Job } from '../contenders/contender.ts';

interface Named {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** Part of `--quick`. */
  readonly isQuick?: true;
}

/** One of those who are measured in turns. */
export interface Entrant {
  /** As the table names it; the others of a case are held against the first. */
  readonly label: string;
  readonly contender: ContenderKind;
  readonly job: Job;
  /** Where it is not the number of threads of the whole benchmark. */
  readonly threads?: number;
  readonly isBefore?: true;
  /** Left out by `--quick`. */
  readonly isSlow?: true;
  /** Run once, without a warm-up. */
  readonly isOnce?: true;
}

export interface TimedCase extends Named {
  readonly kind: 'timed';
  readonly entrants: readonly Entrant[];
  /** Measured while a loop keeps each core busy. */
  readonly isCrowded?: true;
}

/** Processes that live for one measurement. */
export interface FreshCase extends Named {
  readonly kind: 'fresh';
  readonly script: 'importJetgrad' | 'runOnce';
  readonly runs: number;
  /** The model each takes, beside the entry of the package. */
  readonly entrants: readonly { readonly label: string; readonly model?: string }[];
}

export interface SizeCase extends Named {
  readonly kind: 'size';
}

export type Case = TimedCase | FreshCase | SizeCase;

/** What was found of one entrant of a case. */
export interface Row {
  readonly case: string;
  readonly title: string;
  readonly label: string;
  readonly status: 'passed' | 'failed' | 'missing';
  /** Of what is not passed. */
  readonly why?: string;
  /** Seconds of each measured run, and their median. */
  readonly samples?: readonly number[];
  readonly seconds?: number;
  /** Images or samples of one run. */
  readonly items?: number;
  /** Processor time ÷ time, the median of all runs. */
  readonly cores?: number;
  readonly peakBytes?: number;
  /** Largest difference from the first entrant's output, or from the job's own reference, ÷ its largest value. */
  readonly error?: number;
  readonly facts?: Facts;
}
