import type { Command } from 'commander';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption } from '../shared/limitOptions.ts';
import type { ConvertFlags } from './convertModel.ts';

export function addConvert(program: Command, makeIo: MakeIo): Command {
  return program
    .command('convert')
    .description(
      'Converts a model between ONNX and the jetgrad format (JSON, large tensors in .safetensors).',
    )
    .argument('<in>', 'an .onnx file or a jetgrad .json')
    .argument('<out>', 'OUT.json or OUT.onnx')
    .option('--labels <file>', 'class names to put into the model, one a line or JSON')
    .addOption(maxMemoryOption)
    .addHelpText(
      'after',
      '\nExample:\n  $ jetgrad convert squeezenet1.1.onnx squeezenet.json --labels imagenet.txt',
    )
    .action(async (from: string, to: string, flags: ConvertFlags) => {
      const { convertModel } = await import('./convertModel.ts');
      await convertModel(from, to, { flags, io: makeIo(flags) });
    });
}
