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
  let ended: string | undefined;
  let settle: ((reply: Reply) => void) | undefined;
  child.stderr?.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-300);
  });
  const answer = (reply: Reply) => {
    settle?.(reply);
    settle = undefined;
  };
  const end = (how: string) => {
    ended ??= `its process ended (${how}) ${complaint.trim()}`.trim();
    answer({ error: ended });
  };
  child.on('message', (message) => answer(message as Reply));
  child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
  child.on('error', (error) => end(error.message));
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        settle = (reply) => {
          if ('error' in reply) reject(new Error(reply.error));
          else resolve(reply.value as Replies[(typeof request)['kind']]);
        };
        if (ended === undefined) child.send(request);
        else answer({ error: ended });
      }),
    stop: () => void child.kill(),
  };
}
