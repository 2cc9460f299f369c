/**
 * torchvision's VGG-16 as a model of jetgrad, checked: `npm run convert:vgg16 -- OUT.json [--weights FILE.pth | --random-seed N [--width N]]`.
 * Runs scripts/export_vgg16.py (by $PYTHON, or python3), writes OUT.json with OUT.safetensors beside it, and compares: the layer that is
 * explained by default, what both files say of one input, and what ONNX Runtime says of it where bench/node_modules has it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel, saveModel } from '../src/node.ts';
import { same } from '../test/support/check.ts';
import { distance, normalInput } from './families/runtime.ts';

const [out, ...flags] = process.argv.slice(2);
if (out === undefined || !out.endsWith('.json')) {
  console.error(
    'Cannot convert VGG-16: usage: npm run convert:vgg16 -- OUT.json [--weights FILE.pth | --random-seed N]',
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'jetgrad-vgg16-'));
try {
  const path = join(folder, 'vgg16.onnx');
  const script = fileURLToPath(new URL('export_vgg16.py', import.meta.url));
  const { status, error } = spawnSync(process.env.PYTHON ?? 'python3', [script, path, ...flags], {
    stdio: 'inherit',
  });
  if (status !== 0) throw error ?? new Error(`Cannot convert VGG-16: ${script} ended with ${status}`);
  const model = await loadModel(path);
  const x = normalInput(model);
  const { logits } = await model.run(x);
  console.log(`explained by default: ${model.defaultLayer}`);
  console.log(`difference from ONNX Runtime, of the largest logit: ${await distance(path, model, x)}`);
  await saveModel(model, out);
  same((await (await loadModel(out)).run(x)).logits, logits, out);
  console.log(`${out} gives the same bits`);
} finally {
  rmSync(folder, { recursive: true });
}
