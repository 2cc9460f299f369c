import { join } from 'node:path';
import { modelOf } from '../../model/modelOf.ts';
import { checkOutputs } from '../../node/checkOutputs.ts';
import { computeFacts } from '../../node/computeFacts.ts';
import { packageVersion } from '../../node/ownPackage.ts';
import { staged } from '../../node/stage.ts';
import { rest } from '../../tensor/drive.ts';
import { encodeNpy } from '../../tensor/npy.ts';
import { formatShape } from '../../tensor/shape.ts';
import type { DType } from '../../tensor/tensor.ts';
import type { Io } from '../shared/io.ts';
import type { LimitFlags } from '../shared/limitOptions.ts';
import { type ModelFlags, pathsRead, readModelWith } from '../shared/openModel.ts';
import { createProgress } from '../shared/progress.ts';
import { readInput } from '../shared/readInput.ts';
import { topLine } from '../shared/topLines.ts';
import { assignInputs } from './assignInputs.ts';
import { tensorFileNames } from './tensorFileNames.ts';
import { topClasses } from './topClasses.ts';

export interface RunFlags extends LimitFlags, ModelFlags {
  readonly input: readonly string[];
  readonly out: string;
  readonly precision?: DType;
  readonly quiet?: boolean;
}

/** What `run` does. */
export async function runModel(path: string, flags: RunFlags, io: Io): Promise<void> {
  const { data, options, files: read } = await readModelWith(path, flags);
  const model = modelOf(data, options);
  const { precision = model.precision } = flags;
  const files = assignInputs(flags.input, model.inputs);
  const reading = { model, flags, io };
  const inputs = Object.fromEntries([...files].map(([name, file]) => [name, readInput(file, name, reading)]));
  const names = tensorFileNames(model.outputs.map(({ name }) => name));
  checkOutputs(
    flags.out,
    [...names.values(), 'manifest.json'],
    [...pathsRead(read, flags), ...files.values()],
  );
  const progress = createProgress(io);
  await staged(flags.out, async (stage) => {
    const started = performance.now();
    const results = await model
      .run(inputs, {
        precision,
        signal: io.signal,
        onProgress: (share) => progress.update(share, model.name),
      })
      .finally(() => progress.stop());
    const seconds = Number(((performance.now() - started) / 1000).toFixed(3));
    for (const each of topClasses(model, results)) io.print(topLine(each));
    for (const [name, file] of names) {
      await rest(io.signal);
      stage.write(file, encodeNpy(results[name]));
      io.print(`${join(flags.out, file)}  ${name} ${formatShape(results[name].shape)}`);
    }
    const manifest = {
      jetgrad: packageVersion(),
      model: { file: path, name: model.name },
      inputs: Object.fromEntries(files),
      outputs: Object.fromEntries(names),
      shapes: Object.fromEntries([...names.keys()].map((name) => [name, results[name].shape])),
      ...{ precision, ...computeFacts(), seconds },
    };
    stage.write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  });
}
