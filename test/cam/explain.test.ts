import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mul, sum, takeAt } from '../../src/autodiff/operations.ts';
import type { Evidence } from '../../src/cam/evidence.ts';
import { explain, explainClasses } from '../../src/cam/explain.ts';
import type { ModelData } from '../../src/model/data/format.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData, full, type Tensor } from '../../src/tensor/tensor.ts';
import { notingCalls } from '../support/calledThreads.ts';
import { close, fixture, same } from '../support/check.ts';
import { floats, makeModel } from '../support/makeModel.ts';

const test = suite('explain');

const data = parseModelData(readFileSync(new URL('../../weights/scenes-vgg.json', import.meta.url), 'utf8'));
const model = createModel(data);
const random = createRandom(9);
const image = fromData(
  new Float32Array(3 * 96 * 96).map(() => random.normal()),
  [1, 3, 96, 96],
);
const methods = ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad'] as const;

test('σ = 0 is Grad-CAM++ to the last bit, also where the trunk is recorded', async () => {
  for (const chosen of [['gradcam++', 'smoothgradcam++'] as const, methods]) {
    const { maps } = await explain(model, image, { sigma: 0, samples: 7, methods: chosen });
    same(maps['smoothgradcam++']?.raw as Tensor, maps['gradcam++']?.raw as Tensor);
    same(maps['smoothgradcam++']?.weights ?? [], maps['gradcam++']?.weights ?? [0]);
  }
});

test('logits that name no class are refused for what they are', async () => {
  const nodes = ['Relu x > a', 'GlobalAveragePool a > p', 'Flatten p > f', 'Gemm f w > z'];
  const classifier = (classes: number, value: number) => {
    const w = floats([3, classes], new Array<number>(3 * classes).fill(value));
    return createModel(makeModel({ inputs: { x: [1, 3, 4, 4] }, outputs: ['z'], nodes, tensors: { w } }));
  };
  const refusal = async (from: Model) => {
    const run = explain(from, full([1, 3, 4, 4], 1), { methods: ['gradcam'] });
    return run.then(String, (error: Error) => `${error.name}: ${error.message}`);
  };
  assert.match(
    await refusal(classifier(2, Number.NaN)),
    /^InputError: .* logit 0 of the model is NaN for this input/,
  );
  assert.match(await refusal(classifier(0, 1)), /^InputError: .* the model gives no logits/);
});

test('plans are told of once for each score, with how often they run; none where one backward pass will do', async () => {
  const told: [string, number][] = [];
  const run = (from: Model, score: 'exp' | 'prob') =>
    explainClasses(from, fromData(new Float32Array(300).fill(0.5), [1, 3, 10, 10]), {
      ...{ score, classes: [0, 1], samples: 4, methods: ['gradcam', 'gradcam++', 'smoothgradcam++'] },
      onPlan: ({ name, multiplyAdds }, times) => told.push([multiplyAdds > 0 ? name : '', times]),
    });
  const silu = createModel(importOnnx(readFileSync(fixture('goldens/silu.onnx'))));
  await run(silu, 'prob');
  assert.equal(
    told.map(([, times]) => times),
    [2, 10],
  );
  told.length = 0;
  await explain(model, image, {
    methods: ['gradcam', 'gradcam++'],
    onPlan: (_, times) => told.push(['', times]),
  });
  assert.equal(told, []);
});

test('heads and trunks have no more threads than it is told', () =>
  notingCalls(async (called) => {
    const one = { score: 'prob', samples: 2, methods: ['gradcam++', 'smoothgradcam++'] } as const;
    await explain(model, image, { ...one, threads: 1 });
    assert.equal([...called], []);
    await explain(model, image, { ...one, threads: 3 });
    assert.equal([...called], [1, 2]);
    const none = explain(model, image, { threads: 0 }).then(String, String);
    assert.match(await none, /threads must be a whole number of at least 1, got 0/);
  }));

test('the same seed gives the same bits, another seed others', async () => {
  const run = (seed: number) =>
    explain(model, image, { seed, samples: 3, methods: ['smoothgradcam++', 'smoothgrad'] });
  const [a, b, c] = [await run(1), await run(1), await run(2)];
  for (const method of ['smoothgradcam++', 'smoothgrad'] as const) {
    same(a.maps[method]?.raw as Tensor, b.maps[method]?.raw as Tensor);
    assert.not.equal(a.maps[method]?.raw.data, c.maps[method]?.raw.data);
  }
});

test('classes explained together are those explained alone', async () => {
  const options = { samples: 2, methods: ['smoothgradcam++', 'smoothgrad'] as const };
  const together = await explainClasses(model, image, { ...options, classes: [1, 4] });
  const alone = await explain(model, image, { ...options, class: 4 });
  for (const method of options.methods)
    same(together[1].maps[method]?.raw as Tensor, alone.maps[method]?.raw as Tensor);
});

/** The network with its last bias moved: z_c is about ±1000. */
function shifted(by: number): ModelData {
  const bias = new Float32Array(12).fill(by);
  const tensors = new Map(data.tensors).set('fc2.bias', {
    dtype: 'float32',
    shape: [12],
    bytes: new Uint8Array(bias.buffer),
  });
  return { ...data, tensors };
}

test('z = ±1000 neither overflows nor goes black', async () => {
  for (const by of [1000, -1000]) {
    const { maps, evidence } = await explain(createModel(shifted(by)), image, {
      samples: 3,
      methods: ['smoothgradcam++'],
    });
    const map = maps['smoothgradcam++'];
    assert.ok(map?.raw.data.every(Number.isFinite) && map.raw.data.some((value) => value > 0), `bias ${by}`);
    assert.ok(Math.abs((evidence['smoothgradcam++']?.logScale ?? 0) - by) < 100);
  }
});

test('a shift of all logits leaves the map: exp(z) is scaled by a constant', async () => {
  const options = { samples: 3, methods: ['smoothgradcam++'] as const, class: 2 };
  const plain = await explain(createModel(shifted(0)), image, options);
  const moved = await explain(createModel(shifted(1000)), image, options);
  const normalized = (each: typeof plain) => each.maps['smoothgradcam++']?.normalized as Tensor;
  // float32 biases round the logits in the head's float64 by 1e-13 at 1000.
  close(normalized(moved), normalized(plain), { relative: 1e-10 }, 'normalized map');
});

test('the input gradient of SmoothGrad is that of differences', async () => {
  const golden = createModel(importOnnx(readFileSync(fixture('goldens/silu.onnx'))));
  const split = golden.split(undefined, { trunkPrecision: 'float64' });
  const shape = golden.inputShape;
  const x = fromData(
    Float64Array.from({ length: 300 }, () => random.normal()),
    shape,
  );
  const {
    gradients: [gradient],
  } = await split.inputGradients(x, [2]);
  const logit = async (at: number, step: number) => {
    const moved = fromData(x.data.slice(), shape);
    moved.data[at] += step;
    const run = await split.at(moved);
    return run.head(run.activation).data[2];
  };
  for (const at of [0, 77, 299]) {
    const h = 1e-5;
    close(
      gradient.data[at],
      ((await logit(at, h)) - (await logit(at, -h))) / (2 * h),
      { absolute: 1e-8 },
      `entry ${at}`,
    );
  }
});

test("a score of the caller's own: the difference of two logits, squared", async () => {
  const score = (z: Tensor) => {
    const difference = sum(mul(takeAt(z, Int32Array.of(0, 1), [2]), fromData(Float64Array.of(1, -1), [2])));
    return mul(difference, difference);
  };
  const { evidence } = await explain(model, image, { score, methods: ['gradcam++'], class: 0 });
  assert.ok(evidence['gradcam++'] !== undefined);
  const { d1, d2, d3, y } = evidence['gradcam++'] as Evidence;
  // Y = d², d piecewise linear: D1 = 2 d g, D2 = 2 g², so D1² = 2 Y D2.
  close(
    Array.from(d1.data, (value) => value * value),
    Array.from(d2.data, (value) => 2 * y * value),
    { relative: 1e-12 },
    'D1²',
  );
  assert.ok(d3.data.every((value) => value === 0));
});

test('prob and logprob are explained, with their warnings rather than with patches', async () => {
  for (const score of ['prob', 'logprob'] as const) {
    const { maps, warnings } = await explain(model, image, { score, samples: 3 });
    const map = maps['gradcam++'];
    assert.ok(map?.raw.data.every(Number.isFinite));
    assert.is(
      map?.empty !== undefined,
      map?.raw.data.every((value) => value === 0),
    );
    assert.is(warnings.filter((text) => text === map?.empty).length, map?.empty === undefined ? 0 : 1);
  }
});

test('a selection keeps what it names', async () => {
  const whole = await explain(model, image, { methods: ['gradcam++'] });
  const one = await explain(model, image, {
    methods: ['gradcam++'],
    select: { neurons: [{ k: 5, y: 3, x: 4 }] },
  });
  const map = one.maps['gradcam++']?.raw as Tensor;
  const outside = map.data.filter((_, cell) => cell !== 3 * 12 + 4);
  same(outside, new Float64Array(143), 'cells outside the neuron');
  const none = await explain(model, image, {
    methods: ['gradcam++'],
    select: { neurons: [{ k: 5, y: 3, x: 4 }], maps: [6] },
  });
  assert.match(none.maps['gradcam++']?.empty ?? '', /no entry in common/);
  assert.is(whole.maps['gradcam++']?.maps?.length, 64);
});

test('logit has no curvature here: the ++ methods are refused, with the way out', async () => {
  try {
    await explain(model, image, { score: 'logit', methods: ['gradcam++'] });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /gradcam\+\+.*--score exp/);
  }
});

test('an aborted run ends with its reason, and progress counts to 1', async () => {
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  try {
    await explain(model, image, { signal: stop.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
  const seen: number[] = [];
  await explain(model, image, { samples: 2, onProgress: (done) => seen.push(done) });
  assert.is(seen.at(-1), 1);
  assert.equal(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});

test.run();
