import type { ModelData } from '../../src/model/data/format.ts';
import { createBuilder, type NetworkOptions } from './builder.ts';

/** Filters of each block. Source: Simonyan and Zisserman 2015, configuration D. */
const blocks = [
  [64, 64],
  [128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [512, 512, 512],
];

/** VGG-16 at full size with seeded random weights, named as torchvision's: features.0 … classifier.6. */
export function createVgg16({ classes = 1000, seed = 0 }: NetworkOptions = {}): ModelData {
  const net = createBuilder('vgg16', { seed });
  let x = net.input;
  let index = 0;
  for (const block of blocks) {
    for (const filters of block) {
      x = net.relu(net.conv(x, `features.${index}`, { filters, kernel: 3, pad: 1 }), `features.${index + 1}`);
      index += 2;
    }
    x = net.maxPool(x, `features.${index}`, { kernel: 2, stride: 2 });
    index += 1;
  }
  x = net.flatten(x, 'flatten');
  x = net.relu(net.dense(x, 'classifier.0', 4096), 'classifier.1');
  x = net.relu(net.dense(x, 'classifier.3', 4096), 'classifier.4');
  return net.finish(net.dense(x, 'classifier.6', classes));
}
