import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createModel } from '../src/model/model.ts';
import { unsupportedOperations } from '../src/model/program.ts';
import { importOnnx, readTensorProto } from '../src/onnx/index.ts';
import { UnsupportedOperationError } from '../src/tensor/errors.ts';
import { formatShape, sameShape } from '../src/tensor/shape.ts';
import { contiguous, type Tensor } from '../src/tensor/tensor.ts';

const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

/** How one data set of a case came out: what is wrong, or which operations are missing, or neither. */
export interface CaseResult {
  readonly title: string;
  readonly wrong?: string;
  readonly missing?: readonly string[];
}

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

/** Runs a folder in the layout of the ONNX backend tests: model.onnx and test_data_set_K/{input,output}_N.pb. */
export async function runCase(folder: string): Promise<CaseResult[]> {
  const name = basename(folder);
  const data = importOnnx(readFileSync(join(folder, 'model.onnx')), { name });
  const missing = unsupportedOperations(data.nodes);
  if (missing.length > 0) return [{ title: name, missing }];
  const model = createModel(data);
  const results: CaseResult[] = [];
  const sets = readdirSync(folder).filter((each) => each.startsWith('test_data_set_'));
  for (const set of sets.sort()) {
    const title = `${name} ${set}`;
    const inputs = readTensors(join(folder, set), 'input');
    const outputs = readTensors(join(folder, set), 'output');
    try {
      const got = await model.run(Object.fromEntries(data.inputs.map((input, i) => [input.name, inputs[i]])));
      const [wrong] = outputs.flatMap((wanted, i) => mismatch(got[data.outputs[i].name], wanted) ?? []);
      results.push(wrong === undefined ? { title } : { title, wrong });
    } catch (error) {
      if (!(error instanceof UnsupportedOperationError)) throw error;
      results.push({ title, missing: error.operations });
    }
  }
  return results;
}
