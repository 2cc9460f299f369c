import type { ModelData } from '../../src/model/data/format.ts';
import { type Builder, createBuilder, type NetworkOptions, type Value } from './builder.ts';

/** Expansion, filters, blocks and first stride of each stage. Source: Sandler et al. 2018, table 2. */
const stages = [
  { expansion: 1, filters: 16, blocks: 1, stride: 1 },
  { expansion: 6, filters: 24, blocks: 2, stride: 2 },
  { expansion: 6, filters: 32, blocks: 3, stride: 2 },
  { expansion: 6, filters: 64, blocks: 4, stride: 2 },
  { expansion: 6, filters: 96, blocks: 3, stride: 1 },
  { expansion: 6, filters: 160, blocks: 3, stride: 2 },
  { expansion: 6, filters: 320, blocks: 1, stride: 1 },
];
/** A branch adds this much of its deviation to the sum, so that the sums do not grow without bound. */
const BRANCH_SCALE = 0.3;

interface Block {
  readonly name: string;
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
}

function invertedResidual(net: Builder, x: Value, { name, expansion, filters, stride }: Block): Value {
  const width = x.channels * expansion;
  let y = x;
  if (expansion !== 1) {
    y = net.conv(y, `${name}.expand`, { filters: width, kernel: 1, bias: false, gain: 1 });
    y = net.relu6(net.normalize(y, `${name}.expand.bn`), `${name}.expand.relu6`);
  }
  y = net.conv(y, `${name}.depthwise`, {
    filters: width,
    kernel: 3,
    stride,
    pad: 1,
    group: width,
    bias: false,
  });
  y = net.relu6(net.normalize(y, `${name}.depthwise.bn`), `${name}.depthwise.relu6`);
  y = net.conv(y, `${name}.project`, { filters, kernel: 1, bias: false });
  const isResidual = stride === 1 && filters === x.channels;
  y = net.normalize(y, `${name}.project.bn`, isResidual ? BRANCH_SCALE : 1);
  return isResidual ? net.add(y, x, `${name}.add`) : y;
}

/** A network of MobileNetV2's shape with seeded random weights; its BatchNormalizations stand as nodes of their own. */
export function createMobileNetV2({ classes = 1000, seed = 0 }: NetworkOptions = {}): ModelData {
  const net = createBuilder('mobilenetv2', { seed });
  let x = net.conv(net.input, 'features.0', { filters: 32, kernel: 3, stride: 2, pad: 1, bias: false });
  x = net.relu6(net.normalize(x, 'features.0.bn'), 'features.0.relu6');
  let index = 1;
  for (const { expansion, filters, blocks, stride } of stages) {
    for (let i = 0; i < blocks; i++) {
      const block = { name: `features.${index}`, expansion, filters, stride: i === 0 ? stride : 1 };
      x = invertedResidual(net, x, block);
      index += 1;
    }
  }
  x = net.conv(x, `features.${index}`, { filters: 1280, kernel: 1, bias: false, gain: 1 });
  x = net.relu6(net.normalize(x, `features.${index}.bn`), `features.${index}.relu6`);
  x = net.flatten(net.globalAveragePool(x, 'pool'), 'flatten');
  return net.finish(net.dense(x, 'classifier.1', classes));
}
