/**
 * VGG-16 at full size: built with seeded random weights, written as ONNX, read back, run once, and D1 to D3 at its default layer
 * for `exp`. `node --import tsx bench/fullSize.ts`. Prints seconds and peak memory.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagonal } from '../src/autodiff/diagonal/diagonal.ts';
import { createScore } from '../src/cam/score.ts';
import { createModel } from '../src/model/model.ts';
import { exportOnnx, importOnnx } from '../src/onnx/index.ts';
import { createRandom } from '../src/tensor/random.ts';
import { castTo, fromData } from '../src/tensor/tensor.ts';
import { createVgg16 } from './networks/vgg16.ts';

const folder = mkdtempSync(join(tmpdir(), 'jetgrad-vgg16-'));
const path = join(folder, 'vgg16.onnx');

async function timed<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  process.stdout.write(`${what.padEnd(48)} ${((performance.now() - start) / 1000).toFixed(2)} s\n`);
  return result;
}

try {
  await timed('build with random weights and write ONNX', () =>
    writeFileSync(path, exportOnnx(createVgg16())),
  );
  const model = await timed('read ONNX', () => createModel(importOnnx(readFileSync(path))));
  const random = createRandom(1);
  const image = fromData(
    new Float32Array(3 * 224 * 224).map(() => random.normal()),
    [1, 3, 224, 224],
  );
  await timed('one forward pass, float32', () => model.run(image));
  const split = model.split();
  const run = await timed(`trunk to ${split.layer}, float32`, () => split.at(image));
  const activation = castTo(run.activation, 'float64');
  const score = createScore('exp', { classIndex: 0 });
  const { certificate } = await timed('D1, D2, D3 of every entry, exp, float64 head', () =>
    diagonal(run.head, activation, { score }),
  );
  process.stdout.write(
    `${certificate.entries} entries by ${certificate.plan}, ${certificate.live} reach the score\n`,
  );
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(`peak resident memory ${(maxRSS / 1024 / 1024).toFixed(2)} GB\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
