import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, makeCertificate } from './certificate.ts';
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

/** A certificate that the server can read: its key is its user's alone. */
function ownCertificate(folder: string): Certificate {
  const made = makeCertificate(folder);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'nobody:nogroup', folder]);
  chmodSync(made.key, 0o600);
  return made;
}

/** A server of one's own on a loopback port; with `password` one that wants it, and that speaks TLS. */
export async function startPostgres(
  folder: string,
  { password }: { password?: string } = {},
): Promise<JobServer & { readonly certificate?: string }> {
  mkdirSync(folder, { recursive: true });
  chmodSync(join(folder, '..'), 0o755);
  chmodSync(folder, 0o777);
  const port = await freePort();
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  if (password !== undefined) writeFileSync(secret, password);
  const auth = password === undefined ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${secret}`];
  run('initdb', ['-D', data, '-U', 'jobs', ...auth, '--no-sync']);
  const files = password === undefined ? undefined : ownCertificate(join(folder, 'tls'));
  const tls = files && ` -c ssl=on -c ssl_key_file=${files.key} -c ssl_cert_file=${files.certificate}`;
  const options = `-p ${port} -k ${folder} -h 127.0.0.1${tls ?? ''}`;
  const start = async () =>
    run('pg_ctl', ['-D', data, '-o', options, '-l', join(folder, 'log'), '-w', 'start']);
  await start();
  return {
    url:
      files === undefined
        ? `postgres://jobs@127.0.0.1:${port}/postgres`
        : `postgres://jobs:${password}@127.0.0.1:${port}/postgres?sslmode=verify-full`,
    ...(files && { certificate: files.certificate }),
    start,
    kill: async () => run('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']),
  };
}
