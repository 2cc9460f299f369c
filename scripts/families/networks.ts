/**
 * What becomes of the networks of a folder: `node --import tsx scripts/families/networks.ts FOLDER [--seconds N] [--only NAME]`. For each
 * .onnx file it says whether it loads, how far its outputs are from ONNX Runtime's (where bench/node_modules has onnxruntime-node), which
 * layer is explained by default with which layout, and which methods explain it within N seconds each. `export.py` makes such files.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { explain } from '../../src/cam/explain.ts';
import { type MethodName, methodNames } from '../../src/cam/methods.ts';
import { formatTable } from '../../src/cli/shared/formatTable.ts';
import { formatLayout } from '../../src/model/graph/layout.ts';
import type { Model } from '../../src/model/model.ts';
import { loadModel } from '../../src/node/loadModel.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { distance, normalInput } from './runtime.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '20' }, only: { type: 'string' } },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Cannot look at networks: give a folder of .onnx files');
const seconds = Number(values.seconds);

async function explained(model: Model, x: Tensor, method: MethodName): Promise<string> {
  const started = performance.now();
  try {
    const options = { methods: [method], samples: 1, sigma: 0, signal: AbortSignal.timeout(1000 * seconds) };
    const { maps, warnings } = await explain(model, x, options);
    const taken = ((performance.now() - started) / 1000).toFixed(1);
    const counts = maps[method]?.counts;
    const flipped = counts === undefined || counts.flipped === 0 ? '' : `, ${counts.flipped} flipped`;
    return `${taken} s${warnings.length === 0 ? '' : ', warned'}${flipped}`;
  } catch (error) {
    const { name, message } = error as Error;
    return /abort|timeout/i.test(name) ? `over ${seconds} s` : message.slice(0, 60);
  }
}

async function rowOf(file: string): Promise<string[]> {
  const path = join(folder, file);
  const name = basename(file, '.onnx');
  try {
    const model = await loadModel(path);
    const x = normalInput(model);
    const far = await distance(path, model, x);
    const layer = model.layers.find(({ tensor }) => tensor === model.defaultLayer);
    if (layer?.layout === undefined) return [name, far, 'none'];
    const place = `${layer.op} [${layer.shape?.join(', ')}]`;
    const found = [name, far, place, formatLayout(layer.layout), model.split().isSigned ? 'signed' : ''];
    for (const method of methodNames) found.push(await explained(model, x, method));
    return found;
  } catch (error) {
    return [name, (error as Error).message.slice(0, 80)];
  }
}

const columns = ['network', 'distance', 'default layer', 'layout', 'sign', ...methodNames].map((title) => ({
  title,
}));
const rows: string[][] = [];
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith('.onnx') || (values.only !== undefined && !file.includes(values.only))) continue;
  const row = await rowOf(file);
  rows.push(row.concat(new Array<string>(Math.max(0, columns.length - row.length)).fill('')));
  process.stderr.write(`${row.join(' | ')}\n`);
}
process.stdout.write(`${formatTable(columns, rows)}\n`);
