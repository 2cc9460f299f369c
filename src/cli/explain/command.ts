import { type Command, Option } from 'commander';
import { defaultMethodNames } from '../../cam/methods.ts';
import { methodNames } from '../../cam/more/methodTable.ts';
import { bundled } from '../../node/ownPackage.ts';
import { boxesOption, maskOption } from '../shared/askOptions.ts';
import { layerText } from '../shared/findLayer.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption, maxPixelsOption } from '../shared/limitOptions.ts';
import { labelsOption, outputOption, preprocessHelp } from '../shared/modelOptions.ts';
import { collect, parseMethods } from '../shared/parseOptions.ts';
import { addSamplingOptions } from '../shared/samplingOptions.ts';
import { addFigureOptions } from './figureOptions.ts';
import { addLayoutOptions } from './layoutOptions.ts';
import { parseFormats } from './parseFormats.ts';
import type { ExplainFlags } from './plan.ts';

const example = `
Examples:
  $ jetgrad explain photo.jpg
  $ jetgrad explain photo.jpg --model squeezenet1.1.onnx --labels imagenet.txt --class boxer,282 --method all
  $ jetgrad explain photo.jpg --class boxer,282 --format png,svg --draw overlay,grid,raw,crop --contours --common-scale`;

const modelOption = new Option('--model <file>', 'an .onnx file or a jetgrad .json').default(
  bundled.model,
  'the bundled model',
);
const methodOption = new Option(
  '--method <method,…>',
  `${methodNames.join(', ')}; all (${defaultMethodNames.join(', ')}) or every`,
)
  .argParser(parseMethods)
  .default(defaultMethodNames, 'all');
const formatOption = new Option(
  '--format <format,…>',
  'png (pictures), svg (panels for papers, their text as text), npy, json (arrays)',
)
  .argParser(parseFormats)
  .default(['png'], 'png');

export function addExplain(program: Command, makeIo: MakeIo): Command {
  const command = program
    .command('explain')
    .description('Shows where a network looks: class activation maps over pictures, by exact derivatives.')
    .argument('<image...>', 'pictures (PNG, JPEG), folders, - for stdin')
    .addOption(modelOption)
    .option('--layer <layer>', layerText);
  addLayoutOptions(command)
    .addOption(outputOption())
    .addOption(boxesOption())
    .addOption(maskOption())
    .option(
      '--class <class,…>',
      'indices, labels, synset ids; boxer-282 for what tells one from another; or top:3 (default: the predicted class)',
      collect,
    )
    .addOption(methodOption);
  addSamplingOptions(command)
    .option('--maps <maps>', 'feature maps to use: 3,17, or top:8 for the strongest')
    .option('--neuron <k:y,x>', 'a neuron to use: map, row, column; may be repeated', collect)
    .option('--region <y0,x0,y1,x1>', 'cells of the layer to use, half-open')
    .addOption(labelsOption())
    .option('--out <folder>', 'where the files go', 'jetgrad-out')
    .addOption(formatOption);
  return addFigureOptions(command)
    .addOption(maxPixelsOption)
    .addOption(maxMemoryOption)
    .option('--resume', 'keep what the same arguments have given already (the default)')
    .addOption(new Option('--fresh', 'explain all anew').conflicts('resume'))
    .addHelpText('after', `${preprocessHelp}\n${example}`)
    .action(async (images: string[], flags: ExplainFlags, command: Command) => {
      const { explainImages } = await import('./explainImages.ts');
      const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === 'cli');
      await explainImages(images, { flags, given }, makeIo(flags));
    });
}
