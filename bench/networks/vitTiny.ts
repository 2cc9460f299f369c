import type { ModelData } from '../../src/model/data/format.ts';
import { createBuilder, type NetworkOptions } from './builder.ts';
import { addRows, attention, layerNorm, perceptron, type Rows, turn } from './tokens.ts';

const BLOCKS = 12;
const WIDTH = 192;
const HEADS = 3;
const PATCH = 16;

/** A network of ViT-Ti/16's shape with seeded random weights. Source: Dosovitskiy et al. 2021; Touvron et al. 2021, table 1. */
export function createVitTiny({ classes = 1000, seed = 0, isMiniature }: NetworkOptions = {}): ModelData {
  const net = createBuilder('vit-ti16', { seed, side: isMiniature ? 48 : 224 });
  const patches = net.conv(net.input, 'patches', { filters: WIDTH, kernel: PATCH, stride: PATCH, gain: 1 });
  const count = patches.side ** 2;
  const flat = net.push('Reshape', 'flat', [patches.tensor, net.integers('flat.shape', [0, WIDTH, count])]);
  const grid = turn(net, flat, { name: 'grid', perm: [0, 2, 1] });
  // The class token, as often as there are images.
  const images = net.push('Slice', 'images', [
    net.push('Shape', 'shape', [grid]),
    ...[0, 1].map((i) => net.integers(`at.${i}`, [i])),
  ]);
  const lengths = net.push('Concat', 'lengths', [images, net.integers('one', [1, WIDTH])], { axis: 0 });
  const token = net.uniform('class.token', [1, 1, WIDTH], [-1, 1]);
  const first = net.push('Expand', 'class', [token, lengths]);
  const all = net.push('Concat', 'tokens', [first, grid], { axis: 1 });
  const places = net.uniform('places', [1, count + 1, WIDTH], [-0.5, 0.5]);
  let x: Rows = { tensor: net.push('Add', 'placed', [all, places]), channels: WIDTH };
  for (let i = 0; i < (isMiniature ? 2 : BLOCKS); i++) {
    const name = `blocks.${i}`;
    const looked = attention(net, layerNorm(net, x, `${name}.norm1`), {
      ...{ name: `${name}.attention`, tokens: count + 1, heads: HEADS },
    });
    x = addRows(net, x, looked, `${name}.sum1`);
    x = addRows(net, x, perceptron(net, layerNorm(net, x, `${name}.norm2`), name), `${name}.sum2`);
  }
  x = layerNorm(net, x, 'norm');
  const read = net.push('Gather', 'read', [x.tensor, net.integers('index.0', 0)], { axis: 1 });
  return net.finish(net.dense({ tensor: read, channels: WIDTH, side: 1 }, 'head', classes));
}
