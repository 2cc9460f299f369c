import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Replies, Reply, Request } from './messages.ts';

/** A contender in a process of its own, with its own memory and threads. */
export interface Host {
  ask<R extends Request>(request: R): Promise<Replies[R['kind']]>;
  stop(): void;
}

const script = fileURLToPath(new URL('serve.ts', import.meta.url));

export function startHost(): Host {
  const child = fork(script, {
    ...{ execArgv: ['--import', 'tsx'], serialization: 'advanced' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-300);
  });
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const done = () => {
          child.off('message', onMessage);
          child.off('exit', onExit);
        };
        const onMessage = (message: unknown) => {
          done();
          const reply = message as Reply;
          if ('error' in reply) reject(new Error(reply.error));
          else resolve(reply.value as Replies[(typeof request)['kind']]);
        };
        const onExit = (code: number | null, signal: string | null) => {
          done();
          reject(new Error(`its process ended (${signal ?? `code ${code}`}) ${complaint.trim()}`.trim()));
        };
        child.on('message', onMessage);
        child.on('exit', onExit);
        child.send(request);
      }),
    stop: () => void child.kill(),
  };
}
