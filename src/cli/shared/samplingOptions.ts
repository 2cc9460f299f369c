import type { Command } from 'commander';
import { defaults } from '../../cam/defaults.ts';
import { numeratorNames } from '../../cam/method.ts';
import { scoreHelp } from '../../cam/scores/presets.ts';
import { decimalNumber, oneOf, wholeNumber } from './parseOptions.ts';
import { pruneOption } from './pruneOption.ts';

/** Adds the flags of what is differentiated, over which noisy inputs, and of what stands above in α. */
export function addSamplingOptions(command: Command): Command {
  return command
    .option('--score <score>', scoreHelp, defaults.score)
    .addOption(pruneOption())
    .option('--samples <n>', 'noisy inputs', wholeNumber('samples', { least: 1 }), defaults.samples)
    .option(
      '--sigma <share>',
      'noise, relative to the range of the input; auto: the most that leaves the class on top',
      (text) => (text === 'auto' ? text : decimalNumber('sigma', { least: 0 })(text)),
      defaults.sigma,
    )
    .option('--seed <n>', 'seed of the noise', wholeNumber('seed', { least: 0 }), defaults.seed)
    .option(
      '--numerator <which>',
      `derivative above in α: ${numeratorNames.join(' or ')}`,
      oneOf('numerator', numeratorNames),
      defaults.numerator,
    );
}
