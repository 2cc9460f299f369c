import type { Summary } from '../../src/evaluate/report/summary.ts';
import type { Apart, Refused } from './apart.ts';
import type { Evaluation } from './plan.ts';

/** What two ways to the weights give, by one network. */
export interface NetworkDerivatives {
  readonly network: string;
  readonly samples: number;
  readonly rows: readonly (Apart | Refused)[];
}

/** Everything that a run has found. */
export interface Findings {
  readonly evaluations: readonly { readonly evaluation: Evaluation; readonly summary: Summary }[];
  readonly derivatives: { readonly sigma: number; readonly networks: readonly NetworkDerivatives[] };
  /** The files that it was found by. */
  readonly networks: readonly { readonly network: string; readonly sha256: string }[];
  /** By part, what it took on the clock, all its runs together. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Processes that computed side by side. */
  readonly jobs: number;
  /** Pictures beside the page. */
  readonly pictures: readonly { readonly file: string; readonly title: string; readonly under: string }[];
}

/** Letter of a part in the page. */
export const letterOf = (index: number): string => 'ABCDEFGH'[index];
