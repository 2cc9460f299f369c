import type { ModelData } from '../../src/model/data/format.ts';
import { type Builder, createBuilder, type NetworkOptions, type Value } from './builder.ts';

/** Width and number of bottlenecks of each stage. Source: He et al. 2016, table 1. */
const stages = [
  { width: 64, blocks: 3 },
  { width: 128, blocks: 4 },
  { width: 256, blocks: 6 },
  { width: 512, blocks: 3 },
];
/** A branch adds this much of its deviation to the sum, so that sixteen of them do not grow without bound. */
const BRANCH_SCALE = 0.3;

function bottleneck(
  net: Builder,
  x: Value,
  { name, width, stride }: { name: string; width: number; stride: number },
): Value {
  const filters = 4 * width;
  const conv = (x: Value, part: string, options: { filters: number; kernel: number; stride?: number }) =>
    net.conv(x, `${name}.conv${part}`, { ...options, pad: (options.kernel - 1) / 2, bias: false });
  let y = net.normalize(conv(x, '1', { filters: width, kernel: 1 }), `${name}.bn1`);
  y = net.relu(y, `${name}.relu1`);
  // The stride stands in the 3 × 3 convolution, as in torchvision.
  y = net.normalize(conv(y, '2', { filters: width, kernel: 3, stride }), `${name}.bn2`);
  y = net.relu(y, `${name}.relu2`);
  y = net.normalize(conv(y, '3', { filters, kernel: 1 }), `${name}.bn3`, BRANCH_SCALE);
  let skip = x;
  if (x.channels !== filters || stride !== 1) {
    skip = net.conv(x, `${name}.downsample.0`, { filters, kernel: 1, stride, bias: false });
    skip = net.normalize(skip, `${name}.downsample.1`);
  }
  return net.relu(net.add(y, skip, `${name}.add`), `${name}.out`);
}

/** A network of ResNet-50's shape with seeded random weights; its BatchNormalizations stand as nodes of their own. */
export function createResNet50({ classes = 1000, seed = 0 }: NetworkOptions = {}): ModelData {
  const net = createBuilder('resnet50', { seed });
  let x = net.conv(net.input, 'conv1', { filters: 64, kernel: 7, stride: 2, pad: 3, bias: false });
  x = net.relu(net.normalize(x, 'bn1'), 'relu');
  x = net.maxPool(x, 'maxpool', { kernel: 3, stride: 2, pad: 1 });
  stages.forEach(({ width, blocks }, stage) => {
    for (let i = 0; i < blocks; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      x = bottleneck(net, x, { name: `layer${stage + 1}.${i}`, width, stride });
    }
  });
  x = net.flatten(net.globalAveragePool(x, 'avgpool'), 'flatten');
  return net.finish(net.dense(x, 'fc', classes));
}
