#!/usr/bin/env node
import { runCommand } from './runCommand.ts';

const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
for (const stream of [process.stdout, process.stderr]) {
  // A reader that has left (jetgrad inspect … | head) is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const { stdout, stderr, env, argv } = process;
process.exitCode = await runCommand(argv.slice(2), { stdout, stderr, env, signal: ended.signal });
