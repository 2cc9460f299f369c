import type { Command } from 'commander';
import type { DType } from '../../tensor/tensor.ts';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption } from '../shared/limitOptions.ts';
import { collect, oneOf } from '../shared/parseOptions.ts';
import type { RunFlags } from './runModel.ts';

export function addRun(program: Command, makeIo: MakeIo): Command {
  const precisions: readonly DType[] = ['float32', 'float64'];
  return program
    .command('run')
    .description('Runs a model on arrays: plain inference, every output as .npy.')
    .argument('<model>', 'an .onnx file or a jetgrad .json')
    .argument('[inputs...]', 'more inputs, as NAME=FILE.npy')
    .requiredOption(
      '--input <name=file.npy>',
      'an input; FILE.npy alone where there is one; may be repeated',
      collect,
    )
    .requiredOption('--out <folder>', 'where the files go')
    .option('--precision <type>', 'float32 or float64', oneOf('precision', precisions), 'float32')
    .addOption(maxMemoryOption)
    .addHelpText('after', '\nExample:\n  $ jetgrad run squeezenet1.1.onnx --input data=x.npy --out outputs')
    .action(async (path: string, more: string[], flags: RunFlags) => {
      const { runModel } = await import('./runModel.ts');
      await runModel(path, { ...flags, input: [...flags.input, ...more] }, makeIo(flags));
    });
}
