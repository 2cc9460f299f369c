import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type JobServer } from './redisServer.ts';

const versions = '/usr/lib/postgresql';

/** Where Debian keeps the programs of the newest version. */
function programs(): string | undefined {
  const [newest] = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = newest && join(versions, newest, 'bin');
  return folder && existsSync(join(folder, 'initdb')) ? folder : undefined;
}

/** Why there is no server; undefined where there is one. */
export const whyNoPostgres = (): string | undefined =>
  programs() === undefined ? `PostgreSQL is not installed below ${versions}` : undefined;

/** PostgreSQL refuses to run as root. */
const nobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];

function run(program: string, args: readonly string[]): void {
  const path = join(programs() ?? '', program);
  const isRoot = process.getuid?.() === 0;
  execFileSync(isRoot ? 'setpriv' : path, isRoot ? [...nobody, path, ...args] : args, { stdio: 'ignore' });
}

/** A server of one's own on a loopback port. */
export async function startPostgres(folder: string): Promise<JobServer> {
  mkdirSync(folder, { recursive: true });
  chmodSync(join(folder, '..'), 0o755);
  chmodSync(folder, 0o777);
  const port = await freePort();
  const data = join(folder, 'data');
  run('initdb', ['-D', data, '-U', 'jobs', '--auth=trust', '--no-sync']);
  const options = `-p ${port} -k ${folder} -h 127.0.0.1`;
  const start = async () =>
    run('pg_ctl', ['-D', data, '-o', options, '-l', join(folder, 'log'), '-w', 'start']);
  await start();
  return {
    url: `postgres://jobs@127.0.0.1:${port}/postgres`,
    start,
    kill: async () => run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']),
  };
}
