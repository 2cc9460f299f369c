import type { Command } from 'commander';
import type { DType } from '../../tensor/tensor.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption, maxPixelsOption } from '../shared/limitOptions.ts';
import { labelsOption } from '../shared/modelOptions.ts';
import { collect, oneOf } from '../shared/parseOptions.ts';
import type { RunFlags } from './runModel.ts';

const example = `
Examples:
  $ jetgrad run squeezenet1.1.onnx photo.jpg --labels imagenet.txt --out outputs
  $ jetgrad run squeezenet1.1.onnx --input data=x.npy --out outputs`;

export function addRun(program: Command, makeIo: MakeIo): Command {
  const precisions: readonly DType[] = ['float32', 'float64'];
  return program
    .command('run')
    .description('Runs a model on arrays or a picture: plain inference, every output as .npy.')
    .argument('<model>', 'an .onnx file or a jetgrad .json')
    .argument('[inputs...]', 'inputs, as --input takes them')
    .option(
      '--input <name=file>',
      'an input, an .npy file or a picture; FILE alone where there is one; may be repeated',
      collect,
    )
    .requiredOption('--out <folder>', 'where the files go')
    .option(
      '--precision <type>',
      "float32 or float64; that of the model's inputs unless given",
      oneOf('precision', precisions),
    )
    .addOption(labelsOption())
    .addOption(maxPixelsOption)
    .addOption(maxMemoryOption)
    .addHelpText('after', example)
    .action(async (path: string, more: string[], flags: Omit<RunFlags, 'input'> & Partial<RunFlags>) => {
      const { runModel } = await import('./runModel.ts');
      await runModel(path, { ...flags, input: [...(flags.input ?? []), ...more] }, makeIo(flags));
    });
}
