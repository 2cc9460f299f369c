import type { Command } from 'commander';
import type { MakeIo } from '../shared/io.ts';
import { maxMemoryOption } from '../shared/limitOptions.ts';
import type { InspectFlags } from './printInspection.ts';

export function addInspect(program: Command, makeIo: MakeIo): Command {
  return program
    .command('inspect')
    .description('Lists the layers of a model: names, operations, shapes, parameters, multiply-adds.')
    .argument('<model>', 'an .onnx file or a jetgrad .json')
    .option('--json', 'print JSON')
    .addOption(maxMemoryOption)
    .addHelpText('after', '\nExample:\n  $ jetgrad inspect squeezenet1.1.onnx')
    .action(async (path: string, flags: InspectFlags) => {
      const { printInspection } = await import('./printInspection.ts');
      await printInspection(path, flags, makeIo(flags));
    });
}
