/**
 * Runs folders in the layout of the ONNX backend tests: `npm run conformance -- DIR`. DIR/CASE/model.onnx with
 * DIR/CASE/test_data_set_K/{input,output}_N.pb; DIR may be one such CASE. Tolerance rtol 1e-3, atol 1e-7. A case with an
 * operator that jetgrad lacks is skipped and named. A file DIR/NAME.onnx without data is loaded and run on constants.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createModel } from '../src/model/model.ts';
import { unsupportedOperations } from '../src/model/program.ts';
import { assumedShape } from '../src/model/shapes.ts';
import { importOnnx, readTensorProto } from '../src/onnx/index.ts';
import { UnsupportedOperationError } from '../src/tensor/errors.ts';
import { formatShape, sameShape } from '../src/tensor/shape.ts';
import { contiguous, full, type Tensor } from '../src/tensor/tensor.ts';
import { createReport } from './report.ts';

const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;
const report = createReport();

/** What is wrong with a result; undefined when it is right. */
function mismatch(got: Tensor | undefined, wanted: Tensor): string | undefined {
  if (got === undefined) return 'the output is missing';
  if (!sameShape(got.shape, wanted.shape))
    return `shape ${formatShape(got.shape)}, wanted ${formatShape(wanted.shape)}`;
  const [a, b] = [contiguous(got).data, contiguous(wanted).data];
  for (let i = 0; i < b.length; i++) {
    const fits =
      Object.is(a[i], b[i]) || a[i] === b[i] || Math.abs(a[i] - b[i]) <= ABSOLUTE + RELATIVE * Math.abs(b[i]);
    if (!fits) return `entry ${i} is ${a[i]}, wanted ${b[i]}`;
  }
  return undefined;
}

function readTensors(folder: string, kind: string): Tensor[] {
  const files = readdirSync(folder).filter((file) => new RegExp(`^${kind}_\\d+\\.pb$`).test(file));
  return files.map((_, i) => readTensorProto(readFileSync(join(folder, `${kind}_${i}.pb`))).tensor);
}

async function checkCase(folder: string): Promise<void> {
  const name = basename(folder);
  const data = importOnnx(readFileSync(join(folder, 'model.onnx')), { name });
  const missing = unsupportedOperations(data.nodes);
  if (missing.length > 0) {
    report.skip(name, `no rule for ${missing.join(', ')}`);
    return;
  }
  const model = createModel(data);
  const sets = readdirSync(folder).filter((each) => each.startsWith('test_data_set_'));
  for (const set of sets.sort()) {
    const inputs = readTensors(join(folder, set), 'input');
    const outputs = readTensors(join(folder, set), 'output');
    try {
      const got = await model.run(Object.fromEntries(data.inputs.map((input, i) => [input.name, inputs[i]])));
      const wrong = outputs.flatMap((wanted, i) => mismatch(got[data.outputs[i].name], wanted) ?? []);
      report.check(`${name} ${set}`, wrong.length === 0, wrong[0] ?? 'agrees');
    } catch (error) {
      if (!(error instanceof UnsupportedOperationError)) throw error;
      report.skip(`${name} ${set}`, error.operations.join(', '));
    }
  }
}

/** Loads a topology, runs it, and names the default layer. */
async function checkTopology(file: string): Promise<void> {
  const data = importOnnx(readFileSync(file), { name: basename(file, '.onnx') });
  const missing = unsupportedOperations(data.nodes);
  if (missing.length > 0) {
    report.skip(data.name, `no rule for ${missing.join(', ')}`);
    return;
  }
  const model = createModel(data);
  const inputs = Object.fromEntries(
    data.inputs.map((input) => [input.name, full(assumedShape(input), 0.5, 'float32')]),
  );
  const results = Object.values(await model.run(inputs));
  const finite = results.every((y) => contiguous(y).data.every(Number.isFinite));
  const shapes = results.map((y) => formatShape(y.shape)).join(', ');
  report.check(data.name, finite, `gives ${shapes}; default layer ${model.defaultLayer}`);
}

const dir = process.argv[2];
if (dir === undefined || !existsSync(dir)) {
  const what = dir === undefined ? 'name a folder' : `${dir} is not there`;
  process.stderr.write(`Cannot check conformance: ${what}; usage: npm run conformance -- DIR\n`);
  process.exit(2);
}
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
