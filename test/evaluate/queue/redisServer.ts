import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';

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

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.write('PING\r\n'));
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

/** A server of one's own on a loopback port; with `log` it finds again what it had. */
export async function startRedis(
  folder: string,
  { log = false, password }: { log?: boolean; password?: string } = {},
): Promise<RedisServer> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const logging = ['--appendonly', log ? 'yes' : 'no', '--appendfsync', 'always'];
  const secret = password === undefined ? [] : ['--requirepass', password];
  let server: ChildProcess | undefined;
  const end = () => void server?.kill('SIGKILL');
  async function start(): Promise<void> {
    server = spawn('redis-server', [...flags, ...logging, ...secret], { stdio: 'ignore' });
    process.once('exit', end);
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(port)) return;
      await setTimeout(25);
    }
    throw new Error('Internal: redis-server does not answer');
  }
  await start();
  const user = password === undefined ? '' : `:${password}@`;
  return {
    url: `redis://${user}127.0.0.1:${port}`,
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
