import type { Command } from 'commander';
import { plans } from '../../autodiff/diagonal/plans.ts';
import { type NamedScore, scoreNames } from '../../cam/score.ts';
import type { DType } from '../../tensor/tensor.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption } from '../shared/limitOptions.ts';
import { oneOf, wholeNumber } from '../shared/parseOptions.ts';
import type { DiagonalFlags } from './runDiagonal.ts';

const planWords = ['auto', 'list', ...plans.map(({ name }) => name)] as const;
const planLines = plans.map(({ name, title }) => `  ${name.padEnd(20)}  ${title}`).join('\n');
const example = `
Plans, all of which give the same numbers (auto runs the cheapest that applies):
${planLines}

Examples:
  $ jetgrad diagonal vgg.onnx --input x.npy --layer relu_2 --class 3 --score prob --out diagonals
  $ jetgrad diagonal vgg.onnx --input x.npy --layer relu_2 --plan list`;

export function addDiagonal(program: Command, makeIo: MakeIo): Command {
  const precisions: readonly DType[] = ['float64', 'float32'];
  const score = oneOf<NamedScore>('score', scoreNames);
  return program
    .command('diagonal')
    .description('Writes exact D1, D2, D3 of a class score for every entry of a layer, as .npy.')
    .argument('<model>', 'an .onnx file or a jetgrad .json')
    .requiredOption('--input <file.npy>', "the network's input, [1, C, H, W] or [C, H, W]")
    .requiredOption('--layer <layer>', 'tensor name, node name or index of inspect')
    .option('--class <class>', 'index or label; the predicted class unless given')
    .option('--score <score>', scoreNames.join(', '), score, 'exp')
    .option('--order <n>', 'highest derivative', wholeNumber('order', { least: 1, most: 3 }), 3)
    .option('--plan <plan>', 'auto, a plan by name, or list to see them', oneOf('plan', planWords), 'auto')
    .option('--precision <type>', 'of the whole network', oneOf('precision', precisions), 'float64')
    .option('--out <folder>', 'where the files go; needed unless the plans are listed')
    .addOption(maxMemoryOption)
    .addHelpText('after', example)
    .action(async (path: string, flags: DiagonalFlags) => {
      const { runDiagonal } = await import('./runDiagonal.ts');
      await runDiagonal(path, flags, makeIo(flags));
    });
}
