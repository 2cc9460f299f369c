#!/usr/bin/env node
import { systemReason } from './shared/formatError.ts';
import { listenForInterruption } from './shared/interruption.ts';
import { createIo } from './shared/io.ts';

const { stdout, stderr, env, argv } = process;
const { signal, ended } = listenForInterruption();

let unwritten: NodeJS.ErrnoException | undefined;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has left (jetgrad inspect … | head) is no failure.
  if (error.code !== 'EPIPE') unwritten ??= error;
});
// Where complaints cannot be written there is nobody to tell.
stderr.on('error', () => {});

// Loaded when signals are heard already.
const { runCommand } = await import('./runCommand.ts');
const code = await Promise.race([ended, runCommand(argv.slice(2), { stdout, stderr, env, signal })]);
// An interrupted command may have left work under way: nobody waits for it.
if (signal.aborted) process.exit(code);
// A stream tells of its errors a little later.
await new Promise((resume) => setImmediate(resume));
process.exitCode = code;
if (code === 0 && unwritten !== undefined) {
  const reason = `Cannot write to the standard output: ${systemReason(unwritten)}`;
  createIo({ stdout, stderr, env }, false).fail([reason]);
  process.exitCode = 1;
}
