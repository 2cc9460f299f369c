import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { createScore, type NamedScore } from '../../src/cam/score.ts';
import { createModel } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { engines, onEngine } from '../support/backends.ts';
import { close, fixture, same } from '../support/check.ts';

interface GoldenCase {
  readonly score: NamedScore;
  readonly classIndex: number;
  readonly y: number;
  readonly d1: number[];
  readonly d2: number[];
  readonly d3: number[];
}

const test = suite('diagonals against PyTorch');
const TOLERANCE = 1e-12; // 100 times tighter than the goldens promise

const networks = ['goldens', 'goldens-more'].flatMap((folder) =>
  readdirSync(fixture(folder))
    .filter((file) => file.endsWith('.onnx'))
    .map((file) => `${folder}/${file.replace(/\.onnx$/, '')}`),
);

for (const engine of engines) {
  for (const name of networks) {
    test(`${name}, ${engine.name}: every score and plan, every entry of D1, D2, D3`, () =>
      onEngine(engine, () => checkNetwork(name)));
  }
}

async function checkNetwork(name: string): Promise<void> {
  const golden = JSON.parse(readFileSync(fixture(`${name}.json`), 'utf8'));
  const model = createModel(importOnnx(readFileSync(fixture(`${name}.onnx`))));
  const split = model.split(golden.activation.tensor, { trunkPrecision: 'float64' });
  const run = await split.at(fromData(Float64Array.from(golden.input.data), golden.input.shape));
  close(run.activation, golden.activation.data, { relative: TOLERANCE }, 'A');
  for (const { score, classIndex, y, ...wanted } of golden.cases as GoldenCase[]) {
    const options = { score: createScore(score, { classIndex }) };
    for (const { name: plan, applicable } of diagonal(run.head, run.activation, options).plan.candidates) {
      if (!applicable) continue;
      const got = diagonal(run.head, run.activation, { ...options, plan });
      assert.is(got.logScale, 0);
      close(got.y, y, { relative: TOLERANCE }, `${score} ${plan} y`);
      for (const order of ['d1', 'd2', 'd3'] as const) {
        close(got[order].data, wanted[order], { relative: TOLERANCE }, `${score} ${plan} ${order}`);
        const dead = wanted[order].flatMap((value, i) => (value === 0 ? [i] : []));
        same(
          dead.map((i) => Math.abs(got[order].data[i])),
          dead.map(() => 0),
          `${score} ${plan} ${order} where it is 0`,
        );
      }
    }
  }
}

test.run();
