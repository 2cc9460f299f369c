import { type Command, Option } from 'commander';
import { defaults } from '../../cam/defaults.ts';
import { defaultMethodNames } from '../../cam/methods.ts';
import { defaultMetricNames, metricNames } from '../../cam/metrics/metrics.ts';
import { methodNames } from '../../cam/more/methodTable.ts';
import { scoreNames } from '../../cam/score.ts';
import { setHelp } from '../../evaluate/sets/openSet.ts';
import { bundled } from '../../node/ownPackage.ts';
import { layerText } from '../shared/findLayer.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption } from '../shared/limitOptions.ts';
import { labelsOption } from '../shared/modelOptions.ts';
import { decimalNumber, parseMethods, severalOf, wholeNumber } from '../shared/parseOptions.ts';
import { queueOption } from '../shared/queueOption.ts';
import type { EvaluateFlags } from './openWork.ts';

const example = `
The folder gets results.jsonl and results.csv (a line for each picture, model and method), summary.json, report.md with its charts and sheets, and
manifest.json. Started again with the same arguments, it goes on where it stopped. Exit code 3 where some pictures could not be evaluated.

Examples:
  $ jetgrad evaluate scenes:200
  $ jetgrad evaluate photos --model squeezenet1.1.onnx --labels imagenet.txt --method all --jobs 4 --out evaluation`;

/** Reads values with commas between them, each once. */
const listOf =
  <T>(one: (text: string) => T) =>
  (text: string): T[] => [...new Set(text.split(',').map((each) => one(each.trim())))];

/** Metrics by name, those that are measured unless others are named, or every one. */
function parseMetrics(text: string) {
  const word = text.trim();
  if (word === 'all') return defaultMetricNames;
  return word === 'every' ? metricNames : severalOf('metric', metricNames)(text);
}

const MOST_JOBS = 256;

function addAlone(program: Command, makeIo: MakeIo): Command {
  return program
    .command('evaluate')
    .description(
      'Measures how well maps show where a class is and what the network reads: methods against each other, on a set of pictures.',
    )
    .argument('<set>', setHelp)
    .addOption(
      new Option('--model <file,…>', 'models, each an .onnx file or a jetgrad .json')
        .argParser(listOf((text) => text))
        .default([bundled.model], 'the bundled model'),
    )
    .option('--layer <layer>', layerText)
    .addOption(
      new Option(
        '--method <method,…>',
        `${methodNames.join(', ')}; all (${defaultMethodNames.join(', ')}) or every; controls are always run`,
      )
        .argParser(parseMethods)
        .default(defaultMethodNames, 'all'),
    )
    .addOption(
      new Option(
        '--metric <metric,…>',
        `${metricNames.join(', ')}; all (those that take few passes) or every`,
      )
        .argParser(parseMetrics)
        .default(defaultMetricNames, 'all'),
    )
    .addOption(
      new Option('--score <score,…>', `scores of methods that read one: ${scoreNames.join(', ')}`)
        .argParser(severalOf('score', scoreNames))
        .default([defaults.score], defaults.score),
    )
    .addOption(
      new Option('--sigma <share,…>', 'noise, relative to the range of the input')
        .argParser(listOf(decimalNumber('sigma', { least: 0 })))
        .default([defaults.sigma], String(defaults.sigma)),
    )
    .addOption(
      new Option('--samples <n,…>', 'noisy inputs')
        .argParser(listOf(wholeNumber('samples', { least: 1 })))
        .default([defaults.samples], String(defaults.samples)),
    )
    .option('--seed <n>', 'seed of all that is drawn', wholeNumber('seed', { least: 0 }), defaults.seed)
    .option('--limit <n>', 'the first so many pictures', wholeNumber('limit', { least: 1 }))
    .option(
      '--jobs <n>',
      'processes that compute, each on a thread of its own (default: this one, on all threads)',
      wholeNumber('jobs', { least: 1, most: MOST_JOBS }),
    )
    .addOption(labelsOption())
    .option('--out <folder>', 'where the files go', 'jetgrad-evaluation')
    .addOption(maxMemoryOption)
    .addHelpText('after', example)
    .action(async (set: string, flags: EvaluateFlags) => {
      const { runEvaluate } = await import('./runEvaluate.ts');
      await runEvaluate(set, flags, makeIo(flags));
    });
}

export function addEvaluate(program: Command, makeIo: MakeIo): Command {
  return addAlone(program, makeIo)
    .addOption(queueOption().conflicts('jobs'))
    .option('--cancel', 'take the pictures of this evaluation off the queue');
}

/** What `evaluate --jobs` starts: not for users. */
export function addEvaluateChild(program: Command): void {
  program.command('evaluate-child <task>', { hidden: true }).action(async (task: string) => {
    const { answerPieces } = await import('./answerPieces.ts');
    await answerPieces(task);
  });
}
