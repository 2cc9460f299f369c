/**
 * Runs folders in the layout of the ONNX backend tests: `npm run conformance -- DIR [--backend wasm|reference] [--threads N]`.
 * DIR/CASE/model.onnx with DIR/CASE/test_data_set_K/{input,output}_N.pb; DIR may be one such CASE. Tolerances are those of ONNX's
 * own runner. A case with an operator that jetgrad lacks, or with what is no tensor of numbers, is skipped and named. A file DIR/NAME.onnx without data is loaded and run on constants.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { allLayers, moreOperators } from '../src/layers/more.ts';
import { createModel } from '../src/model/model.ts';
import { unsupportedOperations } from '../src/model/run/program.ts';
import { assumedShape } from '../src/model/run/shapes.ts';
import { importOnnx } from '../src/onnx/index.ts';
import { formatShape } from '../src/tensor/shape.ts';
import { contiguous, full } from '../src/tensor/tensor.ts';
import { runCase } from '../test/support/conformanceCase.ts';
import { readFolder } from './folderOptions.ts';
import { createReport } from './report.ts';

const report = createReport();

async function checkCase(folder: string): Promise<void> {
  for (const { title, wrong, missing, refused, onDevice = [] } of await runCase(folder)) {
    const where = onDevice.length === 0 ? '' : `, ${onDevice.join(', ')} on the device`;
    if (refused !== undefined) report.skip(title, refused);
    else if (missing !== undefined) report.skip(title, `no rule for ${missing.join(', ')}`);
    else report.check(title, wrong === undefined, wrong ?? `agrees${where}`);
  }
}

/** Loads a topology, runs it, and names the default layer. */
async function checkTopology(file: string): Promise<void> {
  const data = importOnnx(readFileSync(file), { name: basename(file, '.onnx') });
  const missing = unsupportedOperations(data.nodes, allLayers);
  if (missing.length > 0) {
    report.skip(data.name, `no rule for ${missing.join(', ')}`);
    return;
  }
  const model = createModel(data, { operators: moreOperators });
  const inputs = Object.fromEntries(
    data.inputs.map((input) => [input.name, full(assumedShape(input), 0.5, 'float32')]),
  );
  const results = Object.values(await model.run(inputs));
  const finite = results.every((y) => contiguous(y).data.every(Number.isFinite));
  const shapes = results.map((y) => formatShape(y.shape)).join(', ');
  report.check(data.name, finite, `gives ${shapes}; default layer ${model.defaultLayer}`);
}

const dir = readFolder('conformance');
const isCase = (folder: string) => existsSync(join(folder, 'model.onnx'));
const folders = isCase(dir)
  ? [dir]
  : readdirSync(dir)
      .sort()
      .map((name) => join(dir, name));
for (const path of folders) {
  if (isCase(path)) await report.guard(basename(path), () => checkCase(path));
  else if (path.endsWith('.onnx')) await report.guard(basename(path), () => checkTopology(path));
}
report.close();
