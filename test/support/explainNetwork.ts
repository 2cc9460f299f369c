import { readFileSync } from 'node:fs';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { createScore } from '../../src/cam/score.ts';
import { createModel } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { fixture } from './check.ts';

/** What a golden network gives in float32, and D2 of its probability in float64. */
export async function explainNetwork(): Promise<{ outputs: number[]; d2: number[] }> {
  const model = createModel(importOnnx(readFileSync(fixture('goldens/vgg.onnx'))));
  const { input } = JSON.parse(readFileSync(fixture('goldens/vgg.json'), 'utf8'));
  const x = fromData(Float32Array.from(input.data), input.shape);
  const [output] = Object.values(await model.run(x));
  const run = await model.split(undefined, { trunkPrecision: 'float64' }).at(x);
  const score = createScore('prob', { classIndex: 1 });
  const { d2 } = diagonal(run.head, run.activation, { score });
  return { outputs: Array.from(output.data), d2: Array.from(d2.data) };
}
