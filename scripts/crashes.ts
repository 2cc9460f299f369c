/**
 * The crash suite of queues, whole: `npm run crashes -- [--pictures 200] [--milliseconds 20] [--seed 0] [--limit 300] [--only WORDS]`.
 * Three workers settle a set of tiny pictures while they, what computes, the server or the disk are taken from them. After each scenario
 * every key has its golden bits once, no temporary file is left, and no job, and no worker has ended by itself that should not.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endure, faultsOf, mountSmallDisk, whyNot } from '../test/evaluate/queue/crashes.ts';
import { buildPrograms } from '../test/evaluate/queue/crew.ts';
import { scenarios } from '../test/evaluate/queue/scenarios.ts';
import { createReport } from './report.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '200' },
    milliseconds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '0' },
    limit: { type: 'string', default: '300' },
    only: { type: 'string', default: '' },
  },
});
const size = {
  pictures: Number(values.pictures),
  milliseconds: Number(values.milliseconds),
  seed: Number(values.seed),
  lockSeconds: 1,
  limit: Number(values.limit),
};
const report = createReport();
const programs = await buildPrograms();
for (const scenario of scenarios.filter(({ name }) => name.includes(values.only))) {
  const why = whyNot(scenario);
  if (why !== undefined) {
    report.skip(scenario.name, why);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-crashes-'));
  const disk = join(folder, 'results');
  const unmounted = scenario.smallDisk === true ? mountSmallDisk(disk) : undefined;
  try {
    if (unmounted !== undefined) {
      report.skip(scenario.name, unmounted);
      continue;
    }
    const found = await endure(scenario, size, { folder, programs });
    const faults = faultsOf(found);
    const figures = `${size.pictures} pictures in ${found.seconds.toFixed(1)} s, ${found.starts} starts of workers`;
    report.check(scenario.name, faults === '', faults === '' ? figures : `${faults}; ${figures}`);
  } finally {
    if (scenario.smallDisk === true && unmounted === undefined) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  }
}
report.close();
