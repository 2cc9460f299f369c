import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { createRandom } from '../../../src/tensor/random.ts';
import type { Crew } from './crew.ts';
import type { JobServer, RedisServer } from './redisServer.ts';

/** What a scenario disturbs. */
export interface Stage {
  readonly crew: Crew;
  readonly server: JobServer;
  /** What serves the folder, where workers do not share it. */
  readonly http: JobServer | undefined;
  readonly folder: string;
  readonly random: ReturnType<typeof createRandom>;
  /** Whether all is settled, or it is time to give up. */
  isOver(): boolean;
  /** Resolves when so large a share of the keys is settled, or it is over. */
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
  /** Whether workers have the folder by HTTP. */
  readonly http?: boolean;
  /** Whether the folder is a small disk of its own. */
  readonly smallDisk?: boolean;
  /** With what workers may end by themselves, and whether one must. */
  readonly exitCode?: { readonly is: number; readonly mustCome: boolean };
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

async function loseServer({ reached, server }: Stage): Promise<void> {
  await reached(0.3);
  await server.kill();
  await setTimeout(500);
  await server.start();
}

/** A worker that is started while there is no server says so, and ends. */
const unreachable = { is: 1, mustCome: false } as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'workers are killed again and again',
    async disturb(stage) {
      const began = performance.now();
      await stage.reached(0.001);
      // One of three each time: where the machine is so busy that workers start more slowly than that, hardly any would come to compute.
      const pause = Math.max(300, (performance.now() - began) / 3);
      for (; !stage.isOver(); await setTimeout(pause)) pick(stage.crew.members(), stage)?.kill('SIGKILL');
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
    exitCode: unreachable,
    disturb: loseServer,
  },
  {
    name: 'the server is lost with all it had',
    exitCode: unreachable,
    disturb: loseServer,
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
    exitCode: unreachable,
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
  {
    name: 'what serves the folder is killed, and workers are',
    http: true,
    async disturb(stage) {
      const { crew, http, reached } = stage;
      for (const share of [0.2, 0.5, 0.8]) {
        await reached(share);
        await http?.kill();
        pick(crew.members(), stage)?.kill('SIGKILL');
        await setTimeout(500);
        await http?.start();
      }
    },
  },
  { name: 'two commands on one set', commands: 2, async disturb() {} },
  {
    name: 'the disk is full for a while',
    smallDisk: true,
    exitCode: { is: 1, mustCome: true },
    async disturb({ reached, folder }) {
      await reached(0.3);
      const filler = fillDisk(folder);
      await setTimeout(1500);
      rmSync(filler);
    },
  },
];
