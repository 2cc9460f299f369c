import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import { diagonalEach } from '../../../src/autodiff/diagonal/each.ts';
import { reshape } from '../../../src/autodiff/operations.ts';
import { createScore, type NamedScore } from '../../../src/cam/score.ts';
import { createModel } from '../../../src/model/model.ts';
import { importOnnx } from '../../../src/onnx/index.ts';
import { drain } from '../../../src/tensor/drive.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { fixture, same } from '../../support/check.ts';

const test = suite('diagonalEach');
const scores: NamedScore[] = ['exp', 'logit', 'prob', 'logprob'];
const COUNT = 3;

/** Activations of noisy inputs of a golden network, [N, K, H, W], and its heads. */
async function sampleNetwork(name: string) {
  const model = createModel(importOnnx(readFileSync(fixture(`goldens/${name}.onnx`))));
  const golden = JSON.parse(readFileSync(fixture(`goldens/${name}.json`), 'utf8'));
  const random = createRandom(1);
  const [, ...shape] = golden.input.shape;
  const values = Array.from({ length: COUNT }, () =>
    (golden.input.data as number[]).map((value) => value + 0.3 * random.normal()),
  );
  const x = fromData(Float64Array.from(values.flat()), [COUNT, ...shape]);
  return model.split(golden.activation.tensor, { trunkPrecision: 'float64' }).at(x);
}

for (const engine of [engines[0], engines[2]]) {
  for (const name of ['vgg', 'vggdeep', 'resnet', 'gelu']) {
    test(`${name}, ${engine.name}: every sample has the bits that it has alone`, () =>
      onEngine(engine, async () => {
        const { activation, heads } = await sampleNetwork(name);
        const [, ...shape] = activation.shape;
        const size = sizeOf(shape);
        const { data } = contiguous(activation);
        for (const scoreName of scores) {
          const score = createScore(scoreName, { classIndex: 1 });
          const all = drain(diagonalEach(heads, activation, { score }));
          assert.is(all.length, COUNT);
          all.forEach((got, s) => {
            const sample = fromData(data.slice(s * size, (s + 1) * size), [1, ...shape]);
            const label = `${scoreName}, sample ${s}`;
            const [alone] = drain(diagonalEach(heads, sample, { score }));
            const wanted = diagonal((a) => reshape(heads(a), [-1]), sample, { score });
            for (const one of [alone, got]) {
              same(one.y, wanted.y, `${label}, y`);
              assert.is(one.logScale, wanted.logScale);
              same(one.logits.data, contiguous(wanted.logits as typeof sample).data, `${label}, logits`);
              one.derivatives.forEach((d, r) => {
                assert.equal([...d.shape], shape);
                same(d.data, contiguous(wanted.derivatives[r]).data, `${label}, D${r + 1}`);
              });
              assert.equal(one.zero?.orders ?? [], [...wanted.certificate.identicallyZero], label);
            }
          });
        }
      }));
  }
}

test.run();
