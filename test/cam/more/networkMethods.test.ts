import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hessian, hvp } from '../../../src/autodiff/mixed.ts';
import { exp, mul, reshape, sum, takeAt } from '../../../src/autodiff/operations.ts';
import { explain } from '../../../src/cam/explain.ts';
import type { MethodName } from '../../../src/cam/methods.ts';
import { type MoreMethodName, moreMethods } from '../../../src/cam/more/moreMethods.ts';
import { parseModelData } from '../../../src/model/file/parseModelData.ts';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { castTo, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { close, same } from '../../support/check.ts';
import { floats, makeModel } from '../../support/makeModel.ts';
import { transformer } from '../../support/tokenModels.ts';

const test = suite('methods that take passes');

const file = new URL('../../../weights/scenes-vgg.json', import.meta.url);
const model = createModel(parseModelData(readFileSync(file, 'utf8')));
const SIDE = model.inputShape[3];
const random = createRandom(7);
const image = fromData(
  Float32Array.from({ length: 3 * SIDE * SIDE }, () => random.normal()),
  [1, 3, SIDE, SIDE],
);
const classIndex = 3;
const options = { moreMethods, class: classIndex, samples: 1 };

async function logitOf(x: Tensor): Promise<number> {
  const [z] = Object.values(await model.run(x));
  return z.data[classIndex];
}

test('Ablation-CAM: (y − y_k) / y by setting each map to 0', async () => {
  const { maps, evidence } = await explain(model, image, { ...options, methods: ['ablationcam'] });
  const split = model.split();
  const a = evidence.ablationcam.activation;
  const [count, height, width] = a.shape;
  const y = split.head(castTo(reshape(a, [1, ...a.shape]), 'float64')).data[classIndex];
  for (const k of [0, 5, count - 1]) {
    const data = Float64Array.from(a.data).fill(0, k * height * width, (k + 1) * height * width);
    const without = split.head(fromData(data, [1, ...a.shape])).data[classIndex];
    close(maps.ablationcam.weights?.[k] ?? Number.NaN, (y - without) / Math.abs(y), { relative: 1e-9 });
  }
});

test('Score-CAM: softmax of the logits of the picture times each map', async () => {
  const { maps, evidence } = await explain(model, image, { ...options, methods: ['scorecam'] });
  const { activation } = evidence.scorecam;
  const [count, height, width] = activation.shape;
  const weights = Array.from(maps.scorecam.weights ?? []);
  close(
    weights.reduce((all, value) => all + value, 0),
    1,
    { relative: 1e-12 },
  );
  // Logits of two maps, by a loop over pixels: log of the ratio of their weights is the difference
  const logit = async (k: number) => {
    const map = activation.data.slice(k * height * width, (k + 1) * height * width);
    const at = (y: number, x: number) =>
      map[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))];
    const large = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [v, u] = [
        ((Math.floor(i / SIDE) + 0.5) * height) / SIDE - 0.5,
        (((i % SIDE) + 0.5) * width) / SIDE - 0.5,
      ];
      const [y, x] = [Math.floor(v), Math.floor(u)];
      return (
        (1 - v + y) * ((1 - u + x) * at(y, x) + (u - x) * at(y, x + 1)) +
        (v - y) * ((1 - u + x) * at(y + 1, x) + (u - x) * at(y + 1, x + 1))
      );
    });
    const [least, most] = [Math.min(...large), Math.max(...large)];
    const shares = large.map((value) => (value - least) / (most - least));
    return most === least
      ? undefined
      : logitOf(
          fromData(
            Float32Array.from(image.data, (value, i) => value * shares[i % shares.length]),
            image.shape,
          ),
        );
  };
  const told: number[] = [];
  for (let k = 0; k < count && told.length < 3; k++) if (weights[k] > 1e-6) told.push(k);
  const logits = await Promise.all(told.map(logit));
  for (let i = 1; i < told.length; i++) {
    close(Math.log(weights[told[i]] / weights[told[0]]), (logits[i] ?? 0) - (logits[0] ?? 0), {
      relative: 1e-3,
      absolute: 1e-4,
    });
  }
  assert.ok(told.length > 1);
});

test('ShapleyCAM: half of the Hessian times A comes off the gradient', async () => {
  const { maps, evidence } = await explain(model, image, {
    ...options,
    methods: ['shapleycam', 'gradcam++'],
  });
  const { activation: a, d1 } = evidence.shapleycam;
  same(d1, evidence['gradcam++'].d1);
  const { head } = model.split();
  const shape = [1, ...a.shape];
  const score = (x: Tensor) => exp(takeAt(head(x), Int32Array.of(classIndex), []));
  const product = hvp(score, castTo(reshape(a, shape), 'float64'), castTo(reshape(a, shape), 'float64'));
  const size = a.shape[1] * a.shape[2];
  const wanted = Float64Array.from({ length: a.shape[0] }, (_, k) => {
    let all = 0;
    for (let i = k * size; i < (k + 1) * size; i++) all += d1.data[i] - product.data[i] / 2;
    return all / size;
  });
  close(maps.shapleycam.weights ?? [], wanted, { relative: 1e-9 });
});

test('the Hessian times A is that of the whole Hessian', () => {
  const small = (x: Tensor) => exp(sum(mul(mul(x, x), fromData(Float64Array.of(0.1, 0.2, -0.3), [3]))));
  const x = Float64Array.of(1, 2, -1);
  const h = hessian(small)(fromData(x, [3]));
  const wanted = [0, 1, 2].map((i) => x.reduce((all, value, j) => all + h.data[3 * i + j] * value, 0));
  close(hvp(small, fromData(x, [3]), fromData(x, [3])), wanted, {});
});

test('on the logit of a piecewise-linear head ShapleyCAM is Grad-CAM', async () => {
  const { maps } = await explain(model, image, {
    ...options,
    score: 'logit',
    methods: ['shapleycam', 'gradcam'],
  });
  close(maps.shapleycam.raw, maps.gradcam.raw, { relative: 1e-12 });
});

test('integrated gradients of a linear network are its weights times the picture', async () => {
  const weights = [0.5, -2, 1, 3, 0.25, -1, 2, 4];
  const linear = createModel(
    makeModel({
      inputs: { x: [1, 2, 2, 2] },
      outputs: ['z'],
      nodes: ['Relu x > kept', 'Flatten kept > flat', 'Gemm flat w > z'],
      tensors: { w: floats([8, 1], weights) },
    }),
  );
  const x = [1, 2, 3, 4, 5, 6, 7, 8];
  const { maps } = await explain(linear, fromData(Float32Array.from(x), [1, 2, 2, 2]), {
    ...{ moreMethods, methods: ['integratedgradients'], layer: 'kept', layout: { kind: 'NCHW' }, class: 0 },
  });
  const wanted = [0, 1, 2, 3].map((i) => Math.abs(weights[i] * x[i] + weights[i + 4] * x[i + 4]));
  close(
    maps.integratedgradients.raw,
    wanted.length === 4 ? fromData(Float64Array.from(wanted), [2, 2]) : [],
    { relative: 1e-6 },
  );
});

test('LeGrad: positive slopes of the last attention’s weights, by finite differences', async () => {
  const vit = createModel(transformer({ reads: 'token' }));
  const pixels = Float32Array.from({ length: vit.inputShape.reduce((a, b) => a * b, 1) }, () =>
    random.normal(),
  );
  const x = fromData(pixels, vit.inputShape);
  const { maps, evidence, choices } = await explain(vit, x, {
    moreMethods,
    class: 0,
    methods: ['legrad', 'gradcam'],
  });
  const { layout } = choices;
  assert.is(layout.kind, 'NTC');
  if (layout.kind !== 'NTC') return;
  assert.equal(maps.legrad.raw.shape, [...layout.grid]);
  assert.ok(evidence.gradcam !== undefined);
  const softmaxes = vit.layers.filter(({ op }) => op === 'Softmax').map(({ tensor }) => tensor);
  const run = await vit.split(softmaxes.at(-1)).at(x);
  const p = castTo(run.activation, 'float64');
  const tokens = p.shape.at(-1) as number;
  const raises = new Float64Array(tokens);
  for (let i = 0; i < p.data.length; i++) {
    const moved = (step: number) => {
      const data = Float64Array.from(p.data);
      data[i] += step;
      return run.head(fromData(data, p.shape)).data[0];
    };
    raises[i % tokens] += (Math.max(0, (moved(1e-5) - moved(-1e-5)) / 2e-5) * tokens) / p.data.length;
  }
  close(maps.legrad.raw.data, raises.slice(layout.prefix), { relative: 1e-6 });
});

test('LeGrad is refused where there is no attention', async () => {
  try {
    await explain(model, image, { ...options, methods: ['legrad'] });
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /Cannot run legrad: .* has no node whose output are attention weights/,
    );
  }
});

test('without the rows a method of another entry is refused by name', async () => {
  try {
    await explain(model, image, { methods: ['hirescam'] });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /Cannot explain by "hirescam".*jetgrad\/methods/);
  }
});

test('every method gives a map of the layer or of pixels, the same bits each time, in the order asked for', async () => {
  const names = (Object.keys(moreMethods) as MoreMethodName[]).filter((name) => name !== 'legrad').reverse();
  const methods: MethodName[] = ['gradcam', ...names];
  const [first, again] = [
    await explain(model, image, { ...options, methods }),
    await explain(model, image, { ...options, methods }),
  ];
  assert.equal(Object.keys(first.maps), methods);
  for (const name of names) {
    const raw = first.maps[name]?.raw as Tensor;
    assert.equal(
      raw.shape,
      moreMethods[name].look === 'pixels' ? [SIDE, SIDE] : first.maps.gradcam?.raw.shape,
      name,
    );
    same(raw, again.maps[name]?.raw ?? raw);
    assert.ok(
      Array.from(raw.data).every((value) => value >= 0),
      name,
    );
  }
  assert.is(JSON.stringify(first.manifest()).includes('rows'), false);
});

test.run();
