import type { ModelData } from '../../src/model/data/format.ts';
import { createBuilder, type NetworkOptions } from './builder.ts';

/** Squeezed and expanded channels of the fire modules; 'pool' stands between. Source: Iandola et al. 2016, version 1.1. */
const modules = [
  [16, 64],
  [16, 64],
  'pool',
  [32, 128],
  [32, 128],
  'pool',
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
] as const;

/** SqueezeNet 1.1 with seeded random weights, named as torchvision's. */
export function createSqueezeNet({ classes = 1000, seed = 0 }: NetworkOptions = {}): ModelData {
  const net = createBuilder('squeezenet1.1', { seed });
  const pool = { kernel: 3, stride: 2 };
  let x = net.relu(net.conv(net.input, 'features.0', { filters: 64, ...pool }), 'features.1');
  x = net.maxPool(x, 'features.2', pool);
  modules.forEach((module, i) => {
    const name = `features.${i + 3}`;
    if (module === 'pool') {
      x = net.maxPool(x, name, pool);
      return;
    }
    const [squeeze, filters] = module;
    const thin = net.relu(
      net.conv(x, `${name}.squeeze`, { filters: squeeze, kernel: 1 }),
      `${name}.squeeze_activation`,
    );
    const expand = (side: string, kernel: number) =>
      net.relu(
        net.conv(thin, `${name}.${side}`, { filters, kernel, pad: (kernel - 1) / 2 }),
        `${name}.${side}_activation`,
      );
    x = net.concat(expand('expand1x1', 1), expand('expand3x3', 3), name);
  });
  x = net.relu(net.conv(x, 'classifier.1', { filters: classes, kernel: 1 }), 'classifier.2');
  return net.finish(net.flatten(net.globalAveragePool(x, 'classifier.3'), 'flatten'));
}
