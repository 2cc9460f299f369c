import { type Command, Option } from 'commander';
import { type MethodName, methodNames, methodOf } from '../../cam/methods.ts';
import { strengthNames } from '../../cam/neurons.ts';
import { bundled } from '../../node/ownPackage.ts';
import { addLayoutOptions } from '../explain/layoutOptions.ts';
import { boxesOption, maskOption } from '../shared/askOptions.ts';
import { layerText } from '../shared/findLayer.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption, maxPixelsOption } from '../shared/limitOptions.ts';
import { labelsOption, outputOption, preprocessHelp } from '../shared/modelOptions.ts';
import { oneOf, wholeNumber } from '../shared/parseOptions.ts';
import { addSamplingOptions } from '../shared/samplingOptions.ts';
import type { NeuronFlags } from './runNeurons.ts';

/** The methods that weigh whole feature maps. */
const weighing = methodNames.filter((name) => {
  const row = methodOf(name);
  return row.of === 'layer' && row.weighs === 'maps';
}) as readonly MethodName[];

/** A row of discs under a map; more are not told apart. */
const MOST_EACH = 8;

const example = `
The folder gets atlas.png and atlas.svg (the plate), neurons.json and neurons.csv (its numbers), manifest.json (how they were found).

Examples:
  $ jetgrad neurons photo.jpg --out atlas
  $ jetgrad neurons photo.jpg --model squeezenet1.1.onnx --layer -2 --maps top:9 --by share --method gradcam++`;

export function addNeurons(program: Command, makeIo: MakeIo): Command {
  const command = program
    .command('neurons')
    .description(
      'Draws the atlas of a layer: the feature maps and neurons that a class rests on, with all their numbers.',
    )
    .argument('<image>', 'a picture (PNG, JPEG), - for stdin')
    .addOption(
      new Option('--model <file>', 'an .onnx file or a jetgrad .json').default(
        bundled.model,
        'the bundled model',
      ),
    )
    .option('--layer <layer>', layerText);
  addLayoutOptions(command)
    .addOption(outputOption())
    .addOption(boxesOption())
    .addOption(maskOption())
    .option(
      '--class <class>',
      'index or label, or boxer-282 for one against another (default: the predicted class)',
    )
    .option('--maps <maps>', 'feature maps: 3,17, or top:8 for the strongest', 'top:16')
    .option(
      '--by <what>',
      'what makes a map strong: its weight |w|, or its share of the map of the class',
      oneOf('by', strengthNames),
      'weight',
    )
    .option(
      '--each <n>',
      `neurons of each map, 1 to ${MOST_EACH}`,
      wholeNumber('each', { least: 1, most: MOST_EACH }),
      4,
    )
    .option(
      '--method <method>',
      `whose weights: ${weighing.join(', ')}`,
      oneOf('method', weighing),
      'smoothgradcam++',
    );
  return addSamplingOptions(command)
    .addOption(labelsOption())
    .option('--out <folder>', 'where the files go', 'jetgrad-neurons')
    .addOption(maxPixelsOption)
    .addOption(maxMemoryOption)
    .addHelpText('after', `${preprocessHelp}\n${example}`)
    .action(async (image: string, flags: NeuronFlags, command: Command) => {
      const { runNeurons } = await import('./runNeurons.ts');
      const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === 'cli');
      await runNeurons(image, { flags, given }, makeIo(flags));
    });
}
