import type { Command } from 'commander';
import { MOST_ORDER } from '../../autodiff/diagonal/checkCall.ts';
import { plans } from '../../autodiff/diagonal/plans.ts';
import { scoreHelp } from '../../cam/scores/presets.ts';
import type { DType } from '../../tensor/tensor.ts';
import { boxesOption, maskOption } from '../shared/askOptions.ts';
import { layerText } from '../shared/findLayer.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption, maxPixelsOption } from '../shared/limitOptions.ts';
import { labelsOption, outputOption } from '../shared/modelOptions.ts';
import { byteCount, oneOf, wholeNumber } from '../shared/parseOptions.ts';
import { pruneOption } from '../shared/pruneOption.ts';
import type { DiagonalFlags } from './runDiagonal.ts';

const planWords = ['auto', 'list', ...plans.map(({ name }) => name)] as const;
const planLines = plans.map(({ name, title }) => `  ${name.padEnd(20)}  ${title}`).join('\n');
const example = `
Plans, all of which give the same numbers (auto runs the cheapest that applies):
${planLines}

Examples:
  $ jetgrad diagonal vgg.onnx --input photo.jpg --class 3 --order 5 --out diagonals
  $ jetgrad diagonal vgg.onnx --input x.npy --layer relu_2 --class 3 --score prob --out diagonals
  $ jetgrad diagonal vgg.onnx --input x.npy --layer relu_2 --plan list`;

export function addDiagonal(program: Command, makeIo: MakeIo): Command {
  const precisions: readonly DType[] = ['float64', 'float32'];
  return program
    .command('diagonal')
    .description(
      'Writes exact D1, D2, D3 and higher ones of a class score for every entry of a layer, as .npy.',
    )
    .argument('<model>', 'an .onnx file or a jetgrad .json')
    .requiredOption('--input <file>', 'a picture, or an .npy file')
    .option('--layer <layer>', layerText)
    .addOption(outputOption())
    .addOption(boxesOption())
    .addOption(maskOption())
    .option(
      '--class <class>',
      'index or label, or boxer-282 for one against another; the predicted class unless given',
    )
    .option('--score <score>', scoreHelp, 'exp')
    .option(
      '--order <n>',
      `highest derivative, 1 to ${MOST_ORDER}`,
      wholeNumber('order', { least: 1, most: MOST_ORDER }),
      3,
    )
    .option('--plan <plan>', 'auto, a plan by name, or list to see them', oneOf('plan', planWords), 'auto')
    .addOption(pruneOption())
    .option('--memory <bytes>', 'what blocks of entries may take, such as 512M or 2G', byteCount('memory'))
    .option('--precision <type>', 'of the whole network', oneOf('precision', precisions), 'float64')
    .option('--out <folder>', 'where the files go; needed unless the plans are listed')
    .addOption(labelsOption())
    .addOption(maxPixelsOption)
    .addOption(maxMemoryOption)
    .addHelpText('after', example)
    .action(async (path: string, flags: DiagonalFlags) => {
      const { runDiagonal } = await import('./runDiagonal.ts');
      await runDiagonal(path, flags, makeIo(flags));
    });
}
