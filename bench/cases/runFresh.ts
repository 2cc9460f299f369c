import { join } from 'node:path';
import type { Setting } from '../contenders/contender.ts';
import { runFresh as runScript } from '../fresh/freshProcess.ts';
import { median } from '../interleave.ts';
import type { FreshCase, Row } from './case.ts';

const entries = { importJetgrad: 'dist/index.js', runOnce: 'dist/node.js' } as const;

export interface FreshOptions {
  readonly setting: Setting;
  /** Folder of the built scripts. */
  readonly scripts: string;
  readonly runs: number;
  onStep(what: string): void;
}

/** Runs processes in turns, one for each measurement, and takes the median of everything that they print. */
export async function runFresh(given: FreshCase, options: FreshOptions): Promise<Row[]> {
  const { setting, scripts, runs, onStep } = options;
  const { entrants, script, title } = given;
  const entry = join(setting.root, entries[script]);
  const found = entrants.map((): Record<string, number>[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [i, { label, model }] of entrants.entries()) {
      onStep(`${title}: ${label}`);
      const more = model === undefined ? [] : [join(setting.models, model), String(setting.threads)];
      found[i].push(await runScript(scripts, script, [entry, ...more]));
    }
  }
  return entrants.map(({ label }, i) => {
    const medianOf = (name: string) => median(found[i].map((numbers) => numbers[name]));
    const { seconds, loadSeconds, peakBytes, ...others } = Object.fromEntries(
      Object.keys(found[i][0]).map((name) => [name, medianOf(name)]),
    );
    const samples = found[i].map((numbers) => numbers.seconds ?? numbers.loadSeconds);
    return {
      ...{ case: given.name, title, label, status: 'passed', samples },
      seconds: seconds ?? loadSeconds,
      ...(peakBytes !== undefined && { peakBytes }),
      facts: others,
    };
  });
}
