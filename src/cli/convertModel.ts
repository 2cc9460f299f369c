import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { modelOf, withOptions } from '../image/node/loadModel.ts';
import { modelFiles } from '../image/node/saveModel.ts';
import { staged } from '../image/node/stage.ts';
import { unsupportedOperations } from '../model/program.ts';
import { formatBytes } from './formatTable.ts';
import type { Io } from './io.ts';
import { readModelWith } from './openModel.ts';
import { checkOutputs } from './prepareImages.ts';

export interface ConvertFlags {
  readonly labels?: string;
  readonly preprocess?: string;
  readonly quiet?: boolean;
}

/** What `convert` does. */
export async function convertModel(
  from: string,
  to: string,
  { flags, io }: { flags: ConvertFlags; io: Io },
): Promise<void> {
  const { data, options } = await readModelWith(from, flags);
  const missing = unsupportedOperations(data.nodes);
  // A model that runs is checked as a whole; one that does not is converted all the same.
  const converted = missing.length > 0 ? withOptions(data, options) : modelOf(data, options).data;
  const files = await modelFiles(converted, to);
  const folder = dirname(to);
  const paths = [...files.keys()].map((name) => join(folder, name));
  checkOutputs(
    paths,
    [from, flags.labels, flags.preprocess].filter((path) => path !== undefined),
  );
  if (missing.length > 0) io.warn(`${from} has operations that jetgrad cannot run: ${missing.join(', ')}`);
  await staged(folder, async (stage) => {
    for (const [name, content] of files) stage.write(name, content);
  });
  for (const path of paths) io.print(`${path}  ${formatBytes(statSync(path).size)}`);
}
