import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import { type PlanName, plans } from '../../../src/autodiff/diagonal/plans.ts';
import { add, matmul, mul, reshape, sum, takeAt } from '../../../src/autodiff/operations.ts';
import { createScore } from '../../../src/cam/score.ts';
import { gelu, silu } from '../../../src/layers/activations.ts';
import { conv } from '../../../src/layers/convolution.ts';
import { createModel } from '../../../src/model/model.ts';
import { importOnnx } from '../../../src/onnx/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { batchRow } from '../../../src/tensor/rows.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close, fixture } from '../../support/check.ts';

const test = suite('diagonals of batches');
const counts = [2, 3, 4];
const scores = ['logit', 'exp', 'prob'] as const;
/** From one entry that is asked for to the next. */
const STEP = 5;
const met = new Set<PlanName>();

interface Batch {
  readonly activation: Tensor;
  /** Activations [N, …] → logits [N, m]. */
  heads(a: Tensor): Tensor;
}

/** The heads of a golden network at its recorded layer, and their activations for noisy inputs. */
const golden =
  (name: string) =>
  async (count: number): Promise<Batch> => {
    const model = createModel(importOnnx(readFileSync(fixture(`goldens/${name}.onnx`))));
    const { input, activation } = JSON.parse(readFileSync(fixture(`goldens/${name}.json`), 'utf8'));
    const random = createRandom(count);
    const [, ...shape] = input.shape;
    const values = Array.from({ length: count }, () =>
      (input.data as number[]).map((value) => value + 0.3 * random.normal()),
    );
    const x = fromData(Float64Array.from(values.flat()), [count, ...shape]);
    return model.split(activation.tensor, { trunkPrecision: 'float64' }).at(x);
  };

/** Heads of our own, with activations for them. */
const own =
  (heads: Batch['heads']) =>
  async (count: number): Promise<Batch> => ({
    heads,
    activation: createRandom(count).normals([count, 6, 8, 8]),
  });

const random = createRandom(1);
const rows = random.normals([6, 5]);
const kernel = random.normals([70, 6, 1, 1]);
const dense = mul(0.05, random.normals([70 * 64, 5]));

/** The last two are for plans that apply to none of the networks. */
const batches: Readonly<Record<string, (count: number) => Promise<Batch>>> = {
  ...Object.fromEntries(['vgg', 'resnet', 'gelu', 'silu', 'mobile'].map((name) => [name, golden(name)])),
  'sums of SiLU': own((a) => matmul(sum(silu(a), [2, 3]), rows)),
  'a convolution and GELU': own((a) => matmul(reshape(gelu(conv(a, kernel)), [a.shape[0], 70 * 64]), dense)),
};

/** The sum of the samples' scores: an entry sees that of its own sample alone. */
function total(heads: (a: Tensor) => Tensor, value: (z: Tensor) => Tensor): (a: Tensor) => Tensor {
  return (a) => {
    const z = heads(a);
    const [count, classes] = z.shape;
    const row = (s: number) =>
      takeAt(
        z,
        Int32Array.from({ length: classes }, (_, c) => s * classes + c),
        [classes],
      );
    return Array.from({ length: count }, (_, s) => reshape(value(row(s)), [])).reduce((x, y) => add(x, y));
  };
}

for (const engine of [engines[0], engines[2]]) {
  for (const [at, [name, sampled]] of Object.entries(batches).entries()) {
    test(`${name}, ${engine.name}: every plan gives a sample what it has alone`, () =>
      onEngine(engine, async () => {
        for (const count of counts) {
          const { heads, activation } = await sampled(count);
          const size = sizeOf(activation.shape) / count;
          // Each number of samples has another score, and each network begins with another.
          const scoreName = scores[(at + count) % scores.length];
          const { value } = createScore(scoreName, { classIndex: 1 });
          const f = total(heads, (z) => value(z).y);
          const places = Array.from({ length: Math.ceil(size / STEP) }, (_, i) => i * STEP);
          const alone = Array.from(
            { length: count },
            (_, s) => diagonal(f, batchRow(activation, s), { entries: places }).derivatives,
          );
          const entries = alone.flatMap((_, s) => places.map((entry) => s * size + entry));
          const { candidates } = diagonal(f, activation, { entries }).plan;
          for (const { name: plan } of candidates.filter(({ applicable }) => applicable)) {
            met.add(plan);
            const { derivatives } = diagonal(f, activation, { plan, entries });
            for (let s = 0; s < count; s++) {
              for (const [r, { data }] of alone[s].entries()) {
                const got = derivatives[r].data.subarray(s * size, (s + 1) * size);
                const label = `${scoreName}, ${plan}, sample ${s} of ${count}, D${r + 1}`;
                close(got, data, { relative: 1e-10 }, label);
              }
            }
          }
        }
      }));
  }
}

test('every plan was there', () => {
  assert.equal([...met].sort(), plans.map(({ name }) => name).sort());
});

test.run();
