import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort, type JobServer } from './redisServer.ts';

/** A server of a folder of results, in a process of its own, that keeps its port. */
export async function startStore(folder: string, program: string): Promise<JobServer> {
  const port = await freePort();
  let server: ChildProcess | undefined;
  const end = () => void server?.kill('SIGKILL');
  process.once('exit', end);
  async function start(): Promise<void> {
    const started = spawn(process.execPath, [program, folder, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server = started;
    await once(started.stdout, 'data');
  }
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    start,
    async kill() {
      if (server === undefined) return;
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      server = undefined;
      await ended;
    },
  };
}
