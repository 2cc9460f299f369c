import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allLayers } from '../../layers/more.ts';
import { modelOf, withOptions } from '../../model/modelOf.ts';
import { unsupportedOperations } from '../../model/run/program.ts';
import { checkOutputs } from '../../node/checkOutputs.ts';
import { modelFiles } from '../../node/saveModel.ts';
import { staged } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import { formatBytes } from '../../tensor/formatNumber.ts';
import type { Io } from '../shared/io.ts';
import { type ModelFlags, pathsRead, readModelWith } from '../shared/openModel.ts';

export interface ConvertFlags extends ModelFlags {
  readonly quiet?: boolean;
}

/** What `convert` does. */
export async function convertModel(
  from: string,
  to: string,
  { flags, io }: { flags: ConvertFlags; io: Io },
): Promise<void> {
  const { data, options, files: read } = await readModelWith(from, flags);
  await rest(io.signal);
  const missing = unsupportedOperations(data.nodes, allLayers);
  // A model that runs is checked as a whole; one that does not is converted all the same.
  const converted = missing.length > 0 ? withOptions(data, options) : modelOf(data, options).data;
  await rest(io.signal);
  const files = await modelFiles(converted, to);
  const folder = dirname(to);
  checkOutputs(folder, files.keys(), pathsRead(read, flags));
  if (missing.length > 0) io.warn(`${from} has operations that jetgrad cannot run: ${missing.join(', ')}`);
  await staged(folder, async (stage) => {
    for (const [name, content] of files) {
      await rest(io.signal);
      stage.write(name, content);
    }
    await rest(io.signal);
  });
  for (const path of [...files.keys()].map((name) => join(folder, name))) {
    io.print(`${path}  ${formatBytes(statSync(path).size)}`);
  }
}
