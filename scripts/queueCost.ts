/**
 * What a queue costs per picture: `npm run queue:cost -- [--pictures 1000] [--milliseconds 0] [--rounds 5] [--size 1]`. So many workers
 * settle tiny pictures that wait in a Redis of this script's own, and so many processes of `--jobs` settle as many without a queue, in
 * turns; medians of the rounds, by the times at which results were written, so that starting counts for nothing.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { byChildren } from '../src/evaluate/children.ts';
import { queueAddress } from '../src/evaluate/queue/queueAddress.ts';
import { openResultStore } from '../src/evaluate/queue/resultStore.ts';
import { submitSet } from '../src/evaluate/queue/submitSet.ts';
import type { Work } from '../src/evaluate/work.ts';
import { buildPrograms, startCrew } from '../test/evaluate/queue/crew.ts';
import { keysOf, setOf } from '../test/evaluate/queue/golden.ts';
import { startRedis } from '../test/evaluate/queue/redisServer.ts';

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '1000' },
    milliseconds: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
    size: { type: 'string', default: '1' },
  },
});
const [pictures, milliseconds, rounds, size] = [
  values.pictures,
  values.milliseconds,
  values.rounds,
  values.size,
].map(Number);
const programs = await buildPrograms();

/** Milliseconds of a picture: from the first result to the last. */
function paceIn(folder: string): number {
  const times = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.result'))
    .map((name) => statSync(join(folder, name)).mtimeMs)
    .sort((a, b) => a - b);
  if (times.length !== pictures) throw new Error(`Internal: ${times.length} of ${pictures} results`);
  return (times[times.length - 1] - times[0]) / (pictures - 1);
}

async function byWorkers(folder: string, url: string, seed: string): Promise<void> {
  const argv = [String(milliseconds)];
  const crew = startCrew({ ...{ size, url, folder, lockSeconds: 30, programs, argv } });
  try {
    const job = { set: setOf(seed), keys: keysOf(pictures, seed) };
    await submitSet(job, { address: queueAddress(url), store: openResultStore(folder) });
  } finally {
    await crew.stop();
  }
}

async function byJobs(folder: string, seed: string): Promise<void> {
  const argv = [folder, String(milliseconds), String(pictures), seed];
  // Of the work, the processes are told by their arguments.
  const work = { set: { count: pictures }, models: [{}] } as unknown as Work;
  await byChildren(size, { file: programs.pieces, argv })(work, { onDone: () => {} });
}

const folder = mkdtempSync(join(tmpdir(), 'jetgrad-cost-'));
const redis = await startRedis(join(folder, 'redis'));
const paces: Record<'queue' | 'jobs', number[]> = { queue: [], jobs: [] };
const middle = (given: readonly number[]) => [...given].sort((a, b) => a - b)[given.length >> 1];
try {
  for (let round = 0; round < rounds; round++) {
    for (const way of ['queue', 'jobs'] as const) {
      const own = join(folder, `${way}${round}`);
      const seed = `${way} ${round}`;
      if (way === 'queue') await byWorkers(own, redis.url, seed);
      else await byJobs(own, seed);
      paces[way].push(paceIn(own));
      rmSync(own, { recursive: true });
    }
  }
} finally {
  await redis.kill();
  rmSync(folder, { recursive: true, force: true });
}
const [queue, jobs] = [middle(paces.queue), middle(paces.jobs)];
const all = (way: 'queue' | 'jobs') => paces[way].map((pace) => pace.toFixed(2)).join(', ');
process.stdout.write(
  `workers ${queue.toFixed(2)} ms a picture (${all('queue')}), --jobs ${jobs.toFixed(2)} ms (${all('jobs')}): ` +
    `the queue adds ${(size * (queue - jobs)).toFixed(2)} ms to each picture, ${((100 * (queue - jobs)) / jobs).toFixed(1)} %\n`,
);
