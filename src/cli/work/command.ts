import { type Command, Option } from 'commander';
import type { MakeIo } from '../shared/io.ts';
import { wholeNumber } from '../shared/parseOptions.ts';
import { queueOption } from '../shared/queueOption.ts';
import { cacheFolder } from './cacheFolder.ts';
import type { WorkFlags } from './runWork.ts';

const example = `
Start as many as there are machines, and processors for them; each computes one picture at a time. bullmq and ioredis (for PostgreSQL pg) are
not installed with jetgrad: npm install bullmq ioredis. --out is the folder of evaluate --out, on a disk that all machines share, or the address of
jetgrad store, which has that folder; with a token where JETGRAD_STORE_TOKEN is set. Models and pictures come from there: once to each machine.

Examples:
  $ jetgrad work --queue redis://queue:6379 --out /shared/evaluation
  $ jetgrad work --queue rediss://queue:6379 --out https://store.example.org
  $ jetgrad evaluate photos --queue redis://queue:6379 --out /shared/evaluation`;

const LONGEST_LOCK = 3600;

export function addWork(program: Command, makeIo: MakeIo): Command {
  return program
    .command('work')
    .description('Computes pictures of evaluations that wait in a queue, until it is interrupted.')
    .addOption(queueOption().makeOptionMandatory())
    .requiredOption(
      '--out <folder>',
      'the folder of the evaluation, or the http:// or https:// address of jetgrad store',
    )
    .addOption(
      new Option('--lock <seconds>', 'without a sign of life after which others take its picture')
        .argParser(wholeNumber('lock', { least: 1, most: LONGEST_LOCK }))
        .default(30),
    )
    .addOption(
      new Option(
        '--cache <folder>',
        'where files of sets are kept on this machine; it may be emptied at any time',
      ).default(cacheFolder(), 'that of the system'),
    )
    .addHelpText('after', example)
    .action(async (flags: WorkFlags) => {
      const { runWork } = await import('./runWork.ts');
      await runWork(flags, makeIo(flags));
    });
}

/** The process that computes for `work`: not for users. */
export function addWorkChild(program: Command): void {
  program.command('work-child <task>', { hidden: true }).action(async (task: string) => {
    const { answerJobs } = await import('./answerJobs.ts');
    await answerJobs(task);
  });
}
