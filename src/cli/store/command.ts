import { type Command, Option } from 'commander';
import type { MakeIo } from '../shared/io.ts';
import { wholeNumber } from '../shared/parseOptions.ts';
import type { StoreFlags } from './runStore.ts';

const example = `
Workers elsewhere give its address where they would give the folder; evaluate runs beside it, with the folder. JETGRAD_STORE_TOKEN is a secret of your
own, the same for the server and its workers; without it only this machine may ask. For https put a proxy in front.

Examples:
  $ jetgrad store evaluation
  $ JETGRAD_STORE_TOKEN=… jetgrad store evaluation --host 0.0.0.0
  $ JETGRAD_STORE_TOKEN=… jetgrad work --queue redis://queue:6379 --out http://store:7410`;

const PORT = 7410;
const MOST_PORTS = 65535;

export function addStore(program: Command, makeIo: MakeIo): Command {
  return program
    .command('store')
    .description(
      'Serves the folder of an evaluation to workers that do not share a disk with it, until it is interrupted.',
    )
    .argument('<folder>', 'what evaluate has as --out')
    .option('--host <address>', 'where it listens; any but the loopback address wants a token', '127.0.0.1')
    .addOption(
      new Option('--port <n>', 'its port, 0 for any that is free')
        .argParser(wholeNumber('port', { least: 0, most: MOST_PORTS }))
        .default(PORT),
    )
    .addHelpText('after', example)
    .action(async (folder: string, flags: StoreFlags) => {
      const { runStore } = await import('./runStore.ts');
      await runStore(folder, flags, makeIo(flags));
    });
}
