import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { averagedMap } from '../support/averagedMap.ts';
import { close, data, fixture, hasData, skip } from '../support/check.ts';
import { floats, makeModel, parseNode } from '../support/makeModel.ts';

const test = suite('Smooth Grad-CAM++ that is Grad-CAM++');

const random = createRandom(8);
const weights = (...shape: number[]) =>
  floats(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => 0.6 * random.normal()),
  );

const tensors = {
  k: weights(5, 3, 3, 3),
  one: weights(4, 5, 1, 1),
  wide: weights(4, 5, 3, 3),
  b: floats([4], [0.2, 0.1, 0.3, 0.1]),
  fc: weights(5, 4),
  flat: weights(45, 4),
};

/** A network of one convolution and a head, from the layer a [1, 5, 6, 6] to z. */
function network(...head: readonly ReturnType<typeof parseNode>[]): Model {
  const trunk = [parseNode('Conv x k > c', { pads: [1, 1, 1, 1] }), parseNode('Relu c > a')];
  return createModel(
    makeModel({ inputs: { x: ['N', 3, 6, 6] }, outputs: ['z'], nodes: [...trunk, ...head], tensors }),
  );
}

const halves = { kernel_shape: [2, 2], strides: [2, 2] };
const certified: Record<string, Model> = {
  affine: network(
    parseNode('GlobalAveragePool a > p'),
    parseNode('Flatten p > f'),
    parseNode('Gemm f fc > z'),
  ),
  tiled: network(
    parseNode('MaxPool a > p', halves),
    parseNode('Flatten p > f'),
    parseNode('Gemm f flat > z'),
  ),
  gated: network(
    parseNode('Conv a one b > u'),
    parseNode('Relu u > r'),
    parseNode('GlobalAveragePool r > p'),
    parseNode('Flatten p > z'),
  ),
};
const other = network(
  parseNode('Conv a wide b > u', { pads: [1, 1, 1, 1] }),
  parseNode('Relu u > r'),
  parseNode('GlobalAveragePool r > p'),
  parseNode('Flatten p > z'),
);

const imageFor = ({ inputShape }: Model): Tensor => {
  const shape = [1, ...inputShape.slice(1)];
  return fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );
};

for (const [name, model] of Object.entries(certified)) {
  test(`${name}: the averaged map is Grad-CAM++'s to 1e-12, and its passes are left out`, async () => {
    let compared = 0;
    for (let trial = 0; trial < 6; trial++) {
      const image = imageFor(model);
      for (const numerator of ['second', 'first'] as const) {
        const run = { classIndex: trial % 4, samples: 9, sigma: 0.3, numerator };
        const { maps, evidence } = await explain(model, image, {
          ...{ class: run.classIndex, samples: 9, sigma: 0.3, numerator },
          methods: ['gradcam++', 'smoothgradcam++'],
        });
        if (maps['gradcam++'].empty !== undefined) continue;
        close(await averagedMap(model, image, run), maps['gradcam++'].normalized, { relative: 1e-12 }, name);
        close(maps['smoothgradcam++'].normalized, maps['gradcam++'].normalized, { relative: 0 }, name);
        assert.is(maps['smoothgradcam++'].equals?.method, 'gradcam++');
        assert.is(evidence['smoothgradcam++'], evidence['gradcam++']);
        compared++;
      }
    }
    assert.ok(compared >= 4, `${compared} compared`);
  });
}

test('one class against another: affine and tiled heads stay the same, cells with a gate for each class do not', async () => {
  const methods = ['gradcam++', 'smoothgradcam++'] as const;
  const options = { class: { of: 1, against: 3 }, samples: 9, sigma: 0.3, methods };
  const differs = { affine: false, tiled: false, gated: false };
  for (const [name, model] of Object.entries(certified)) {
    for (let trial = 0; trial < 4; trial++) {
      const image = imageFor(model);
      const { maps } = await explain(model, image, options);
      if (maps['gradcam++'].empty !== undefined) continue;
      const run = { classIndex: 1, against: 3, samples: 9, sigma: 0.3 };
      const wanted = await averagedMap(model, image, run);
      close(maps['smoothgradcam++'].normalized, wanted, { relative: 1e-12 }, name);
      assert.is(maps['smoothgradcam++'].equals === undefined, name === 'gated', name);
      const { data } = maps['gradcam++'].normalized;
      if (wanted.data.some((value, i) => Math.abs(value - data[i]) > 1e-3)) differs[name as 'gated'] = true;
    }
  }
  assert.equal(differs, { affine: false, tiled: false, gated: true });
});

test('a layer of one feature map for each class, before its gate', async () => {
  const model = certified.gated;
  for (let trial = 0; trial < 4; trial++) {
    const image = imageFor(model);
    const run = { layer: 'u', samples: 9, sigma: 0.3 };
    const { maps, classIndex } = await explain(model, image, {
      ...run,
      methods: ['gradcam++', 'smoothgradcam++'],
    });
    assert.is(maps['smoothgradcam++'].equals?.method, 'gradcam++');
    const wanted = await averagedMap(model, image, { ...run, classIndex });
    close(maps['gradcam++'].normalized, wanted, { relative: 1e-12 });
  }
});

test('where the head has none of these forms the maps differ, and nothing is said', async () => {
  const image = imageFor(other);
  const run = { classIndex: 1, samples: 9, sigma: 0.5 };
  const { maps } = await explain(other, image, {
    ...{ class: 1, samples: 9, sigma: 0.5 },
    methods: ['gradcam++', 'smoothgradcam++'],
  });
  assert.is(maps['smoothgradcam++'].equals, undefined);
  close(await averagedMap(other, image, run), maps['smoothgradcam++'].normalized, { relative: 1e-12 });
  const [a, b] = [maps['gradcam++'], maps['smoothgradcam++']].map(({ normalized }) => normalized.data);
  assert.ok(a.some((value, i) => Math.abs(value - b[i]) > 1e-3));
});

test('other scores and cells that are cut out of windows are averaged', async () => {
  const model = certified.tiled;
  const image = imageFor(model);
  const methods = ['smoothgradcam++'] as const;
  const region = { y0: 0, x0: 0, y1: 3, x1: 5 };
  for (const options of [{ score: 'prob' as const }, { select: { region } }]) {
    const { maps } = await explain(model, image, { samples: 3, methods, ...options });
    assert.is(maps['smoothgradcam++'].equals, undefined);
  }
  const whole = await explain(certified.affine, image, { samples: 3, methods, select: { region } });
  assert.is(whole.maps['smoothgradcam++'].equals?.method, 'gradcam++');
});

test('a gate that is closed everywhere is looked at with noise', async () => {
  const model = certified.gated;
  const image = fromData(new Float32Array(108).fill(0), [1, 3, 6, 6]);
  const shut = createModel({
    ...model.data,
    tensors: new Map(model.data.tensors).set('b', floats([4], [-0.1, -0.1, -0.1, -0.1])),
  });
  image.data[0] = 1e-3;
  const { maps, evidence } = await explain(shut, image, {
    ...{ class: 0, sigma: 900, samples: 8 },
    methods: ['gradcam++', 'smoothgradcam++'],
  });
  assert.is(maps['smoothgradcam++'].equals, undefined);
  assert.is(evidence['smoothgradcam++'].samples.length, 8);
});

test('real networks: the default layers of average-pool classifiers', async () => {
  const golden = createModel(importOnnx(readFileSync(fixture('goldens/resnet.onnx'))));
  const real = ['squeezenet1.1.onnx', 'resnet20-cifar10.onnx', 'mobilenet-v1-0.25-128.onnx', 'tiny-vgg.onnx'];
  const models: [string, Model][] = [['golden resnet', golden]];
  for (const file of real) {
    if (hasData(`models/${file}`)) {
      models.push([file, createModel(importOnnx(readFileSync(data(`models/${file}`))))]);
    } else skip(`Smooth Grad-CAM++ of ${file}`, 'the data are not there');
  }
  for (const [name, model] of models) {
    const image = imageFor(model);
    const { maps, classIndex } = await explain(model, image, {
      samples: 3,
      methods: ['gradcam++', 'smoothgradcam++'],
    });
    assert.is(maps['smoothgradcam++'].equals?.method, 'gradcam++', name);
    if (maps['gradcam++'].empty !== undefined) continue;
    const map = await averagedMap(model, image, { classIndex, samples: 3, sigma: 0.15 });
    close(map, maps['gradcam++'].normalized, { relative: 1e-12 }, name);
  }
});

test.run();
