import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openQueue } from '../../../src/evaluate/queue/openQueue.ts';
import { queueAddress } from '../../../src/evaluate/queue/queueAddress.ts';
import { openResultStore, type ResultStore } from '../../../src/evaluate/queue/resultStore.ts';
import { submitSet } from '../../../src/evaluate/queue/submitSet.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { startCrew } from './crew.ts';
import { goldenOf, keysOf, setOf } from './golden.ts';
import { startPostgres, whyNoPostgres } from './postgresServer.ts';
import { startRedis, whyNoRedis } from './redisServer.ts';
import type { Scenario, Stage } from './scenarios.ts';
import { startStore } from './storeProcess.ts';

/** Why a scenario cannot be run; undefined where it can. */
export const whyNot = ({ keeper }: Scenario): string | undefined =>
  keeper === 'postgres' ? whyNoPostgres() : whyNoRedis();

/** How large a scenario is. */
export interface Size {
  readonly pictures: number;
  /** Milliseconds that each takes. */
  readonly milliseconds: number;
  readonly seed: number;
  readonly lockSeconds: number;
  /** Seconds after which the set is given up. */
  readonly limit: number;
}

/** What was found in the end; all of it must be empty or so. */
export interface Aftermath {
  /** Keys that are not settled as they must be. */
  readonly wrong: readonly string[];
  /** Files that are no results of the keys, or second ones. */
  readonly left: readonly string[];
  /** Jobs that the queue still has. */
  readonly queued: number;
  readonly disagreements: number;
  /** What each command said: whether all was settled. */
  readonly said: readonly boolean[];
  /** Exit codes that none of the workers should have had, and one that was wanted and did not come. */
  readonly codes: readonly (number | string)[];
  readonly starts: number;
  readonly seconds: number;
}

/** Why a folder cannot be a small disk; undefined where it is one now. */
export function mountSmallDisk(folder: string): string | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'jetgrad', folder], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no file system may be mounted here';
  }
}

function wrongKeys(keys: readonly string[], store: ResultStore, { fatal, refused }: Scenario): string[] {
  return keys.filter((key, i) => {
    const failure = store.failure(key)?.kind;
    if (i === fatal) return failure !== 'crash';
    if (i === refused) return failure !== 'input';
    return Buffer.compare(store.read(key) ?? Buffer.alloc(0), goldenOf(key)) !== 0;
  });
}

/** Jobs that are left when those that were taken twice have ended, too. */
async function queuedAfter(url: string, lockSeconds: number): Promise<number> {
  const queue = await openQueue(queueAddress(url));
  const count = async () => {
    const { active = 0, waiting = 0, delayed = 0, failed = 0 } = await queue.getJobCounts();
    return active + waiting + delayed + failed;
  };
  const until = performance.now() + 1000 * (4 * lockSeconds + 4);
  let left = await count();
  while (left > 0 && performance.now() < until) {
    await setTimeout(100);
    left = await count();
  }
  await queue.close();
  return left;
}

/** The one file of each key, as it must be. */
function namesOf(keys: readonly string[], { fatal, refused }: Scenario): Set<string> {
  const ending = (i: number) => (i === fatal || i === refused ? 'error.json' : 'result');
  return new Set(keys.map((key, i) => `${key.slice(0, 2)}/${key}.${ending(i)}`));
}

/** What is wrong with the ends of workers that nobody killed. */
function wrongCodes(found: readonly (number | string)[], { exitCode }: Scenario): (number | string)[] {
  if (exitCode?.mustCome === true && !found.includes(exitCode.is)) return [`never ${exitCode.is}`];
  return found.filter((code) => code !== 0 && code !== exitCode?.is);
}

/** Runs a set of tiny pictures by three workers while a scenario disturbs them. */
export async function endure(
  scenario: Scenario,
  { pictures, milliseconds, seed, lockSeconds, limit }: Size,
  { folder, programs }: { folder: string; programs: { worker: string; child: string; store: string } },
): Promise<Aftermath> {
  const results = join(folder, 'results');
  const server =
    scenario.keeper === 'postgres'
      ? await startPostgres(join(folder, 'postgres'))
      : await startRedis(join(folder, 'redis'), { log: scenario.log ?? false });
  const store = openResultStore(results);
  const keys = keysOf(pictures, `${scenario.name} ${seed}`);
  const nth = (i: number | undefined) => (i === undefined ? '' : keys[i]);
  const http = scenario.http === true ? await startStore(results, programs.store) : undefined;
  const crew = startCrew({
    ...{ size: 3, url: server.url, folder: http?.url ?? results, lockSeconds, programs },
    argv: [String(milliseconds), nth(scenario.fatal), nth(scenario.refused)],
  });
  const settled = () => keys.filter((key) => store.has(key)).length;
  const signal = AbortSignal.timeout(1000 * limit);
  const stage: Stage = {
    ...{ crew, server, http, folder: results, random: createRandom(seed) },
    isOver: () => settled() === keys.length || signal.aborted,
    async reached(share) {
      while (settled() < share * keys.length && !signal.aborted) await setTimeout(10);
    },
  };
  const started = performance.now();
  const job = { set: setOf(scenario.name), keys };
  const submission = { address: queueAddress(server.url), store, patience: 2, signal };
  const commands = Array.from({ length: scenario.commands ?? 1 }, () => submitSet(job, submission));
  try {
    const [said] = await Promise.all([Promise.all(commands), scenario.disturb(stage)]);
    const seconds = (performance.now() - started) / 1000;
    const queued = await queuedAfter(server.url, lockSeconds);
    await crew.stop();
    const expected = namesOf(keys, scenario);
    const files = readdirSync(results, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(results.length + 1));
    return {
      wrong: wrongKeys(keys, store, scenario),
      left: files.filter((file) => !expected.has(file)),
      ...{ queued, said, seconds },
      disagreements: store.disagreements().length,
      codes: wrongCodes(crew.codes(), scenario),
      starts: crew.starts(),
    };
  } finally {
    await crew.stop();
    await http?.kill();
    await server.kill();
  }
}

/** What is wrong with an end, in words; empty where nothing is. */
export function faultsOf({ wrong, left, queued, disagreements, said, codes }: Aftermath): string {
  return [
    wrong.length > 0 ? `${wrong.length} keys are not as they must be` : '',
    left.length > 0 ? `left: ${left.slice(0, 3).join(', ')}` : '',
    queued > 0 ? `${queued} jobs in the queue` : '',
    disagreements > 0 ? `${disagreements} disagreements` : '',
    said.every(Boolean) ? '' : 'not all was settled',
    codes.length > 0 ? `exit codes of workers: ${codes.join(', ')}` : '',
  ]
    .filter((each) => each !== '')
    .join('; ');
}
