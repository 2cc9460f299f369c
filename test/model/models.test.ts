import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sum } from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { createModel, type Model } from '../../src/model/model.ts';
import { importOnnx, readTensorProto } from '../../src/onnx/index.ts';
import { ShapeError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { castTo, fromData, type Tensor, zeros } from '../../src/tensor/tensor.ts';
import { engines, onEngine, wasmEngines } from '../support/backends.ts';
import { close, data, fixture, same, withData } from '../support/check.ts';

const test = suite('models');

const open = (path: string): Model => createModel(importOnnx(readFileSync(path)));
const golden = (name: string) => open(fixture(`goldens/${name}.onnx`));

test('the default layer of the golden networks is a map before the pools and the classifier', () => {
  assert.match(golden('vgg').defaultLayer ?? '', /trunk\.8\/Relu/);
  assert.match(golden('wide').defaultLayer ?? '', /trunk\.4\/Relu/);
  assert.match(golden('resnet').defaultLayer ?? '', /Relu/);
});

const defaults: [string, string, RegExp][] = [
  ['squeezenet1.1', 'models/squeezenet1.1.onnx', /^concat7$/],
  ['tiny-vgg', 'models/tiny-vgg.onnx', /relu_2_2/],
  ['resnet20', 'models/resnet20-cifar10.onnx', /layer3\.2\.out/],
];
for (const [name, path, wanted] of defaults) {
  withData(test, path, `the default layer of ${name}`, (file) => {
    assert.match(open(file).defaultLayer ?? '', wanted);
  });
}

test('layers list shapes, parameters and cost without computing', () => {
  const layers = golden('vgg').layers;
  const conv = layers.find(({ op }) => op === 'Conv');
  assert.equal(
    [conv?.shape, conv?.parameters, conv?.multiplyAdds],
    [[1, 6, 12, 12], 6 * 27 + 6, 6 * 144 * 27],
  );
  const gemm = layers.filter(({ op }) => op === 'Gemm').at(-1);
  assert.equal([gemm?.shape, gemm?.multiplyAdds], [[1, 5], 80]);
});

test('a layer is found by tensor name, node name and index', () => {
  const model = golden('vgg');
  const { name, tensor, index } = model.layers[3];
  assert.is(model.findLayer(tensor), tensor);
  assert.is(model.findLayer(name), tensor);
  assert.is(model.findLayer(index), tensor);
  assert.throws(() => model.findLayer('conv99'), /Cannot find the layer "conv99"/);
  for (const each of [tensor, name, index]) assert.equal(model.layer(each), model.layers[index]);
  assert.is(model.layer().tensor, model.defaultLayer);
  assert.throws(() => model.layer(model.inputs[0].name), /it is the input of/);
});

for (const engine of engines) {
  test(`trunk and head together are the network, wherever it is split: ${engine.name}`, () =>
    onEngine(engine, async () => {
      for (const name of ['vgg', 'resnet', 'mobile', 'gelu']) {
        const model = golden(name);
        const { input, logits } = JSON.parse(readFileSync(fixture(`goldens/${name}.json`), 'utf8'));
        const x = { ...zeros(input.shape), data: Float64Array.from(input.data as number[]) };
        for (const { tensor, shape } of model.layers) {
          if (shape?.length !== 4) continue;
          const wide = await model.split(tensor, { trunkPrecision: 'float64' }).at(x);
          close(wide.head(wide.activation), logits, { relative: 1e-12 }, `${name} at ${tensor}`);
          const narrow = await model.split(tensor).at(x);
          close(narrow.head(narrow.activation), logits, { relative: 1e-5 }, `${name} at ${tensor}, float32`);
        }
      }
    }));
}

test('a head that others bypass wants its image', () => {
  const model = golden('resnet');
  const inside = model.layers.find(({ tensor }) => model.split(tensor).bypasses.length > 0);
  assert.ok(inside !== undefined);
  assert.throws(() => model.split(inside?.tensor).head(zeros([1, 6, 6, 6])), /pass by it; use split\.at/);
});

test('a head takes A in the precision of the trunk, and gives logits and derivatives in its own', async () => {
  const model = golden('gelu');
  const { activation, head } = await model.split().at(zeros(model.inputShape));
  assert.is(activation.dtype, 'float32');
  const wide = castTo(activation, 'float64');
  assert.is(head(activation).dtype, 'float64');
  assert.equal(head(activation).data, head(wide).data);
  const slopes = (a: Tensor) => Float64Array.from(grad((x: Tensor) => sum(head(x)))(a).data);
  assert.equal(slopes(activation), slopes(wide));
});

test('a wrong input shape is refused before anything runs', async () => {
  try {
    await golden('vgg').run(zeros([1, 3, 7, 7]));
    assert.unreachable();
  } catch (error) {
    assert.ok(
      error instanceof ShapeError &&
        /must have shape \[1, 3, 12, 12\], got \[1, 3, 7, 7\]/.test(error.message),
    );
  }
});

test('a receptive field is that of the windows on the way', () => {
  const model = golden('vgg'); // conv3 conv3 pool2 conv3 conv3
  const cell = (y: number, x: number) => ({ y0: y, x0: x, y1: y + 1, x1: x + 1 });
  assert.equal(model.receptiveField(undefined, cell(0, 0)), { y0: 0, x0: 0, y1: 8, x1: 8 });
  assert.equal(model.receptiveField(undefined, cell(3, 2)), { y0: 0, x0: 0, y1: 12, x1: 12 });
});

const references: [string, string, string, number][] = [
  ['SqueezeNet 1.1', 'models/squeezenet1.1.onnx', 'models/squeezenet1.1-reference', 2],
  ['MNIST-8', 'models/mnist-8/model.onnx', 'models/mnist-8', 3],
];
for (const [name, model, folder, sets] of references) {
  for (const engine of engines) {
    withData(test, folder, `${name} gives its reference outputs: ${engine.name}`, () =>
      onEngine(engine, async () => {
        const network = open(data(model));
        for (let set = 0; set < sets; set++) {
          const read = (file: string) =>
            readTensorProto(readFileSync(data(`${folder}/test_data_set_${set}/${file}`))).tensor;
          const [output] = Object.values(await network.run(read('input_0.pb')));
          close(output, read('output_0.pb'), { relative: 1e-3, absolute: 1e-7 }, `set ${set}`);
        }
      }),
    );
  }
}

for (const name of ['squeezenet1.1', 'tiny-vgg', 'resnet20-cifar10', 'mobilenet-v1-0.25-128']) {
  const path = `models/${name}.onnx`;
  withData(
    test,
    path,
    `${name}: float32 on the device is float64 to 1e-5, its bits whatever threads and batch`,
    async (file) => {
      const model = open(file);
      const [, ...shape] = model.inputShape;
      const random = createRandom(1);
      const count = 3;
      const images = Float32Array.from({ length: count * sizeOf(shape) }, () => random.normal());
      const all = await onEngine(engines[1], () => model.run(fromData(images, [count, ...shape])));
      const alone = (image: number) =>
        fromData(images.slice(image * sizeOf(shape), (image + 1) * sizeOf(shape)), [1, ...shape]);
      const wanted = await onEngine(engines[0], () => model.run(alone(1), { precision: 'float64' }));
      for (const { name: output } of model.outputs) {
        const size = sizeOf(wanted[output].shape);
        const own = all[output].data.slice(size, 2 * size);
        close(own, wanted[output].data, { relative: 1e-5 }, output);
        for (const engine of wasmEngines) {
          same(
            (await onEngine(engine, () => model.run(alone(1))))[output].data,
            own,
            `${output}, ${engine.name}`,
          );
        }
      }
    },
  );
}

test.run();
