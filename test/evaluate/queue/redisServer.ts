import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { type Certificate, whyNoCertificate } from './certificate.ts';

/** Why there is no server; undefined where there is one. */
export function whyNoRedis(): string | undefined {
  for (const program of ['redis-server', 'valkey-server']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return undefined;
    } catch {
      // Perhaps the other.
    }
  }
  return 'neither redis-server nor valkey-server is installed';
}

/** Why there is no server that speaks TLS; undefined where there is one. */
export function whyNoTls(): string | undefined {
  const why = whyNoRedis() ?? whyNoCertificate();
  if (why !== undefined) return why;
  const { stdout, stderr } = spawnSync('redis-server', ['--tls-port', 'none'], { encoding: 'utf8' });
  return /bad directive/i.test(stdout + stderr) ? 'redis-server is built without TLS' : undefined;
}

/** A port of the loopback interface that nobody uses. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Whether a server answers; one that speaks TLS, whether it listens. */
const answers = (port: number, tls: boolean) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      if (!tls) socket.write('PING\r\n');
      else {
        socket.destroy();
        resolve(true);
      }
    });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** What keeps jobs. */
export interface JobServer {
  readonly url: string;
  /** Ends it as the machine would that loses its power. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface RedisServer extends JobServer {
  /** A command, by the protocol itself. */
  tell(command: string): Promise<void>;
}

const filesOf = ({ key, certificate }: Certificate) => [
  ...['--tls-key-file', key, '--tls-cert-file', certificate, '--tls-ca-cert-file', certificate],
];

/** A server of one's own on a loopback port; with `log` it finds again what it had. */
export async function startRedis(
  folder: string,
  { log = false, password, tls }: { log?: boolean; password?: string; tls?: Certificate } = {},
): Promise<RedisServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const listening =
    tls === undefined
      ? ['--port', String(port)]
      : ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...filesOf(tls)];
  const flags = [...listening, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const logging = ['--appendonly', log ? 'yes' : 'no', '--appendfsync', 'always'];
  const secret = password === undefined ? [] : ['--requirepass', password];
  let server: ChildProcess | undefined;
  const end = () => void server?.kill('SIGKILL');
  async function start(): Promise<void> {
    server = spawn('redis-server', [...flags, ...logging, ...secret], { stdio: 'ignore' });
    process.once('exit', end);
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(port, tls !== undefined)) return;
      await setTimeout(25);
    }
    throw new Error('Internal: redis-server does not answer');
  }
  await start();
  const user = password === undefined ? '' : `:${password}@`;
  return {
    url: `${tls === undefined ? 'redis' : 'rediss'}://${user}127.0.0.1:${port}`,
    tell: (command) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
        socket.once('error', reject);
        socket.once('data', () => {
          socket.destroy();
          resolve();
        });
      }),
    async kill() {
      const ended = new Promise((resolve) => server?.once('exit', resolve));
      process.off('exit', end);
      server?.kill('SIGKILL');
      await ended;
    },
    start,
  };
}
