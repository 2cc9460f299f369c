import { Command, CommanderError } from 'commander';
import { severalOf, wholeNumber } from '../src/cli/shared/parseOptions.ts';
import { InputError } from '../src/tensor/errors.ts';
import { MOST_THREADS } from '../src/tensor/kernels/wasm/threads.ts';
import { cases } from './cases/cases.ts';

export interface Flags {
  readonly quick?: boolean;
  readonly only?: readonly string[];
  readonly json?: string;
  readonly before?: string;
  readonly threads: number;
  readonly seed: number;
}

/** Reads the flags; undefined where the help was asked for and printed. @throws InputError */
export function readFlags(argv: readonly string[]): Flags | undefined {
  const names = cases.map(({ name }) => name);
  const program = new Command('npm run bench --')
    .description('Measures jetgrad, and what is installed under bench/ beside it.')
    .option('--quick', 'a minute: fewer cases, fewer runs, no slow peers')
    .option('--only <name,…>', 'these cases', severalOf('only', names))
    .option('--json <file>', 'write the raw numbers')
    .option('--before <revision>', 'measure another version of this repository too')
    .option(
      '--threads <n>',
      'threads of everyone',
      wholeNumber('threads', { least: 1, most: MOST_THREADS }),
      2,
    )
    .option('--seed <n>', 'of weights and images', wholeNumber('seed', { least: 0 }), 0)
    .addHelpText('after', `\nCases: ${names.join(', ')}`)
    .addHelpText('after', '\nExample:\n  $ npm run bench -- --only vgg16-1,vgg16-8 --before HEAD~5')
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  try {
    return program.parse([...argv], { from: 'user' }).opts<Flags>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new InputError(`${error.message.replace(/^error: /, '')}; see npm run bench -- --help`);
  }
}
