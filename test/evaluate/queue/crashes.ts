import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openQueue } from '../../../src/evaluate/queue/openQueue.ts';
import { queueAddress } from '../../../src/evaluate/queue/queueAddress.ts';
import { openResultStore, type ResultStore } from '../../../src/evaluate/queue/resultStore.ts';
import { submitSet } from '../../../src/evaluate/queue/submitSet.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { type Crew, startCrew } from './crew.ts';
import { goldenOf, keysOf, setOf } from './golden.ts';
import { startPostgres, whyNoPostgres } from './postgresServer.ts';
import { type JobServer, type RedisServer, startRedis, whyNoRedis } from './redisServer.ts';

/** What a scenario disturbs. */
interface Stage {
  readonly crew: Crew;
  readonly server: JobServer;
  readonly folder: string;
  readonly random: ReturnType<typeof createRandom>;
  /** Whether all is settled. */
  isOver(): boolean;
  /** Resolves when so large a share of the keys is settled. */
  reached(share: number): Promise<void>;
}

/** A way to disturb a set while it is done, and what is expected in the end. */
export interface Scenario {
  readonly name: string;
  /** Redis unless given. */
  readonly keeper?: 'postgres';
  /** Whether the server writes down what it has. */
  readonly log?: boolean;
  /** Keys, by place, that end their process, or are refused. */
  readonly fatal?: number;
  readonly refused?: number;
  /** Commands that wait for the set. */
  readonly commands?: number;
  /** Whether the folder is a small disk of its own. */
  readonly smallDisk?: boolean;
  disturb(stage: Stage): Promise<void>;
}

const pick = <T>(all: readonly T[], { random }: Stage): T | undefined =>
  all[random.integer(Math.max(1, all.length))];

/** Processes that others started, by the process that did. */
function childrenOf(pid: number | undefined): number[] {
  try {
    const text = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    return text.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return []; // None, or gone by now.
  }
}

function killOne(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by now.
  }
}

/** Fills a disk to its last block. */
function fillDisk(folder: string): string {
  const path = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(path, new Uint8Array(Math.max(0, bavail - 1) * bsize));
  return path;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'workers are killed again and again',
    async disturb(stage) {
      while (!stage.isOver()) {
        await setTimeout(300);
        pick(stage.crew.members(), stage)?.kill('SIGKILL');
      }
    },
  },
  {
    name: 'computing processes are killed',
    async disturb(stage) {
      for (const share of [0.1, 0.4, 0.7]) {
        await stage.reached(share);
        killOne(childrenOf(pick(stage.crew.members(), stage)?.pid)[0]);
      }
    },
  },
  {
    name: 'a worker stands still until its lock has run out, and goes on',
    async disturb(stage) {
      await stage.reached(0.2);
      const [member] = stage.crew.members();
      member?.kill('SIGSTOP');
      await setTimeout(2500);
      member?.kill('SIGCONT');
    },
  },
  {
    name: 'the server is lost, and finds its log',
    log: true,
    async disturb({ reached, server }) {
      await reached(0.3);
      await server.kill();
      await setTimeout(500);
      await server.start();
    },
  },
  {
    name: 'the server is lost with all it had',
    async disturb({ reached, server }) {
      await reached(0.3);
      await server.kill();
      await setTimeout(500);
      await server.start();
    },
  },
  {
    name: 'the queue is emptied in the middle',
    async disturb({ reached, server }) {
      await reached(0.5);
      await (server as RedisServer).tell('FLUSHALL');
    },
  },
  {
    name: 'one picture ends whatever computes it, one is damaged',
    fatal: 5,
    refused: 9,
    async disturb() {},
  },
  {
    name: 'PostgreSQL keeps the jobs, workers are killed and it is lost, too',
    keeper: 'postgres',
    async disturb(stage) {
      const { crew, server, reached } = stage;
      for (const share of [0.2, 0.5, 0.8]) {
        await reached(share);
        pick(crew.members(), stage)?.kill('SIGKILL');
        if (share !== 0.5) continue;
        await server.kill();
        await setTimeout(500);
        await server.start();
      }
    },
  },
  { name: 'two commands on one set', commands: 2, async disturb() {} },
  {
    name: 'the disk is full for a while',
    smallDisk: true,
    async disturb({ reached, folder }) {
      await reached(0.3);
      const filler = fillDisk(folder);
      await setTimeout(1500);
      rmSync(filler);
    },
  },
];

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
}

/** What was found in the end; all of it must be empty or so. */
export interface Aftermath {
  /** Keys that are not settled as they must be. */
  readonly wrong: readonly string[];
  /** Files that are no results. */
  readonly left: readonly string[];
  /** Jobs that the queue still has. */
  readonly queued: number;
  readonly disagreements: number;
  /** What each command said: whether all was settled. */
  readonly said: readonly boolean[];
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

const resultName = /^[0-9a-f]{2}\/[0-9a-f]{64}\.(result|error\.json)$/;

/** Runs a set of tiny pictures by three workers while a scenario disturbs them. */
export async function endure(
  scenario: Scenario,
  { pictures, milliseconds, seed, lockSeconds }: Size,
  { folder, programs }: { folder: string; programs: { worker: string; child: string } },
): Promise<Aftermath> {
  const results = join(folder, 'results');
  const server =
    scenario.keeper === 'postgres'
      ? await startPostgres(join(folder, 'postgres'))
      : await startRedis(join(folder, 'redis'), { log: scenario.log ?? false });
  const store = openResultStore(results);
  const keys = keysOf(pictures, `${scenario.name} ${seed}`);
  const nth = (i: number | undefined) => (i === undefined ? '' : keys[i]);
  const crew = startCrew({
    ...{ size: 3, url: server.url, folder: results, lockSeconds, programs },
    argv: [String(milliseconds), nth(scenario.fatal), nth(scenario.refused)],
  });
  const settled = () => keys.filter((key) => store.has(key)).length;
  const stage: Stage = {
    ...{ crew, server, folder: results, random: createRandom(seed) },
    isOver: () => settled() === keys.length,
    async reached(share) {
      while (settled() < share * keys.length) await setTimeout(10);
    },
  };
  const started = performance.now();
  const job = { set: setOf(scenario.name), keys };
  const submission = { address: queueAddress(server.url), store, patience: 2 };
  const commands = Array.from({ length: scenario.commands ?? 1 }, () => submitSet(job, submission));
  try {
    const [said] = await Promise.all([Promise.all(commands), scenario.disturb(stage)]);
    const seconds = (performance.now() - started) / 1000;
    const queued = await queuedAfter(server.url, lockSeconds);
    await crew.stop();
    store.sweep();
    const files = readdirSync(results, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(results.length + 1));
    return {
      wrong: wrongKeys(keys, store, scenario),
      left: files.filter((file) => !resultName.test(file)),
      ...{ queued, said, seconds },
      disagreements: store.disagreements().length,
      starts: crew.starts(),
    };
  } finally {
    await crew.stop();
    await server.kill();
  }
}

/** What is wrong with an end, in words; empty where nothing is. */
export function faultsOf({ wrong, left, queued, disagreements, said }: Aftermath): string {
  return [
    wrong.length > 0 ? `${wrong.length} keys are not as they must be` : '',
    left.length > 0 ? `left: ${left.slice(0, 3).join(', ')}` : '',
    queued > 0 ? `${queued} jobs in the queue` : '',
    disagreements > 0 ? `${disagreements} disagreements` : '',
    said.every(Boolean) ? '' : 'a command ended too early',
  ]
    .filter((each) => each !== '')
    .join('; ');
}
