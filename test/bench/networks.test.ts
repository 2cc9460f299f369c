import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { foldNetwork } from '../../bench/contenders/foldNetwork.ts';
import { createBuilder } from '../../bench/networks/builder.ts';
import { createConvNextTiny } from '../../bench/networks/convNextTiny.ts';
import { createEfficientNetB0 } from '../../bench/networks/efficientNetB0.ts';
import { createMobileNetV2 } from '../../bench/networks/mobileNetV2.ts';
import { createResNet50 } from '../../bench/networks/resNet50.ts';
import { createSqueezeNet } from '../../bench/networks/squeezeNet.ts';
import { createSwinTiny } from '../../bench/networks/swinTiny.ts';
import { createVitTiny } from '../../bench/networks/vitTiny.ts';
import { createModel } from '../../src/model/model.ts';
import { exportOnnx, importOnnx } from '../../src/onnx/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';

const test = suite('bench networks');

/**
 * Parameters as torchvision counts them, without running statistics and relative places, which graphs hold as tables; multiply-adds
 * of one image, those of attention too.
 */
const published = [
  { create: createSqueezeNet, parameters: 1_235_496, multiplyAdds: 349_151_936 },
  { create: createResNet50, parameters: 25_557_032, multiplyAdds: 4_089_184_256 },
  { create: createMobileNetV2, parameters: 3_504_872, multiplyAdds: 300_774_272 },
  { create: createEfficientNetB0, parameters: 5_288_548, multiplyAdds: 385_814_752 },
  { create: createVitTiny, parameters: 5_717_416, multiplyAdds: 1_253_683_200 },
  { create: createConvNextTiny, parameters: 28_589_128, multiplyAdds: 4_455_531_264 },
  { create: createSwinTiny, parameters: 28_288_354 - 23_322, multiplyAdds: 4_490_566_656 },
];

test('the shapes are those of the networks they are named after', () => {
  for (const { create, parameters, multiplyAdds } of published) {
    const data = create();
    const other = /running_|^(clip|number)\.|attention\.(places|mask)$/;
    const trained = [...data.tensors].filter(([name, { dtype }]) => dtype === 'float32' && !other.test(name));
    const count = trained.reduce((n, [, { bytes }]) => n + bytes.length / 4, 0);
    assert.is(count, parameters, data.name);
    const work = createModel(data).layers.reduce((n, layer) => n + layer.multiplyAdds, 0);
    assert.is(work, multiplyAdds, data.name);
  }
});

test('one seed gives the same bytes, another does not', () => {
  const bytes = (seed: number) => createSqueezeNet({ seed }).tensors.get('features.0.weight')?.bytes ?? [];
  same(bytes(3), bytes(3));
  assert.not.equal(bytes(3), bytes(4));
});

test('ONNX keeps a network, its batch symbolic', () => {
  const data = createSqueezeNet({ classes: 10 });
  const { inputs, nodes, tensors } = importOnnx(exportOnnx(data));
  assert.equal(inputs[0].shape, ['N', 3, 224, 224]);
  assert.equal(
    nodes.map(({ op }) => op),
    data.nodes.map(({ op }) => op),
  );
  same(tensors.get('classifier.1.weight')?.bytes ?? [], data.tensors.get('classifier.1.weight')?.bytes ?? []);
});

test('folding leaves the function: normalization in the weights, rectifiers behind', async () => {
  const net = createBuilder('small', { side: 5 });
  const conv = net.conv(net.input, 'conv', { filters: 4, kernel: 1 });
  const data = net.finish(net.flatten(net.relu6(net.normalize(conv, 'bn'), 'relu6'), 'flatten'));
  const [folded, flatten, ...others] = foldNetwork(data);
  assert.is(others.length, 0);
  assert.is(folded.activation, 'relu6');
  assert.equal(flatten.inputs, ['relu6']);
  const random = createRandom(2);
  const image = Float32Array.from({ length: 75 }, () => 5 * random.normal());
  const { values = [], bias = [] } = folded.weights ?? {};
  const wanted = Array.from({ length: 100 }, (_, i) => {
    const [filter, pixel] = [Math.floor(i / 25), i % 25];
    const y = [0, 1, 2].reduce(
      (sum, c) => sum + values[3 * filter + c] * image[25 * c + pixel],
      bias[filter],
    );
    return Math.min(6, Math.max(0, y));
  });
  const { flatten: got } = await createModel(data).run(fromData(image, [1, 3, 5, 5]));
  assert.ok(
    wanted.some((value) => value === 6) && wanted.some((value) => value > 0 && value < 6),
    'both pieces are met',
  );
  close(got.data, wanted, { relative: 1e-6 });
});

test.run();
