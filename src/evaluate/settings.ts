import type { MethodName } from '../cam/methods.ts';
import type { MetricName } from '../cam/metrics/metrics.ts';
import { controlNames, methodOf } from '../cam/more/methodTable.ts';
import type { NamedScore } from '../cam/score.ts';

/** What is measured of each picture, as text goes to other processes: nothing else changes a result. */
export interface Settings {
  readonly methods: readonly MethodName[];
  readonly metrics: readonly MetricName[];
  readonly scores: readonly NamedScore[];
  readonly sigmas: readonly number[];
  readonly samples: readonly number[];
  readonly seed: number;
  readonly layer: string | undefined;
}

/** What a method was run with, of what it reads. */
export interface Setting {
  readonly score?: NamedScore;
  readonly sigma?: number;
  readonly samples?: number;
}

/** A method with one of its settings. */
export interface Trial {
  readonly method: MethodName;
  readonly setting: Setting;
  /** What it is called in tables: the method, and what of its setting varies. */
  readonly name: string;
}

/** Methods that are run together. */
export interface Round {
  readonly score: NamedScore;
  readonly sigma: number;
  readonly samples: number;
  readonly trials: readonly Trial[];
}

function settingOf(method: MethodName, all: Omit<Round, 'trials'>): Setting {
  const row = methodOf(method);
  return {
    ...(row.of !== 'input' && row.score === 'chosen' && { score: all.score }),
    ...(row.noisy && { sigma: all.sigma, samples: all.samples }),
  };
}

function nameOf(method: MethodName, setting: Setting, { scores, sigmas, samples }: Settings): string {
  const parts = [
    scores.length > 1 ? setting.score : undefined,
    sigmas.length > 1 && setting.sigma !== undefined ? `σ ${setting.sigma}` : undefined,
    samples.length > 1 && setting.samples !== undefined ? `n ${setting.samples}` : undefined,
  ].filter((part) => part !== undefined);
  return [method, ...parts].join(' ');
}

/** The methods asked for, and the controls: each with every setting of what it reads, once. */
export function roundsOf(settings: Settings): Round[] {
  const methods = [...new Set([...settings.methods, ...controlNames])];
  const seen = new Set<string>();
  const rounds: Round[] = [];
  for (const score of settings.scores) {
    for (const sigma of settings.sigmas) {
      for (const samples of settings.samples) {
        const shared = { score, sigma, samples };
        const trials = methods.flatMap((method) => {
          const setting = settingOf(method, shared);
          const key = JSON.stringify([method, setting]);
          if (seen.has(key)) return [];
          seen.add(key);
          return [{ method, setting, name: nameOf(method, setting, settings) }];
        });
        if (trials.length > 0) rounds.push({ ...shared, trials });
      }
    }
  }
  return rounds;
}
