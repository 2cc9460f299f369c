import type { ModelData } from '../../src/model/data/format.ts';
import { type Builder, createBuilder, type NetworkOptions, type Value } from './builder.ts';
import { layerNorm, perceptron, turn } from './tokens.ts';

/** Width and number of blocks of each stage. Source: Liu et al. 2022. */
const stages = [
  { width: 96, blocks: 3 },
  { width: 192, blocks: 3 },
  { width: 384, blocks: 9 },
  { width: 768, blocks: 3 },
];
const LAST = [0, 2, 3, 1];
const FIRST = [0, 3, 1, 2];

/** Normalization of each pixel's channels. */
function normalizePixels(net: Builder, x: Value, name: string): Value {
  const last = turn(net, x.tensor, { name: `${name}.last`, perm: LAST });
  const { tensor } = layerNorm(net, { ...x, tensor: last }, name);
  return { ...x, tensor: turn(net, tensor, { name: `${name}.first`, perm: FIRST }) };
}

function block(net: Builder, x: Value, name: string): Value {
  const { channels } = x;
  const y = net.conv(x, `${name}.depthwise`, {
    filters: channels,
    kernel: 7,
    pad: 3,
    group: channels,
    gain: 1,
  });
  const last = { ...y, tensor: turn(net, y.tensor, { name: `${name}.last`, perm: LAST }) };
  const { tensor } = perceptron(net, layerNorm(net, last, `${name}.norm`), name);
  const first = turn(net, tensor, { name: `${name}.first`, perm: FIRST });
  const scale = net.uniform(`${name}.scale`, [channels, 1, 1], [0.5, 1]);
  const scaled = net.push('Mul', `${name}.scaled`, [scale, first]);
  return { ...x, tensor: net.push('Add', `${name}.sum`, [scaled, x.tensor]) };
}

/** A network of ConvNeXt-T's shape with seeded random weights. */
export function createConvNextTiny({
  classes = 1000,
  seed = 0,
  isMiniature,
}: NetworkOptions = {}): ModelData {
  const net = createBuilder('convnext-t', { seed, side: isMiniature ? 40 : 224 });
  let x: Value = net.input;
  for (const [stage, { width, blocks }] of stages.slice(0, isMiniature ? 2 : 4).entries()) {
    const name = `stages.${stage}`;
    const side = stage === 0 ? 4 : 2;
    if (stage > 0) x = normalizePixels(net, x, `${name}.before`);
    x = net.conv(x, `${name}.down`, { filters: width, kernel: side, stride: side, gain: 1 });
    if (stage === 0) x = normalizePixels(net, x, `${name}.behind`);
    for (let i = 0; i < (isMiniature ? 1 : blocks); i++) x = block(net, x, `${name}.${i}`);
  }
  x = normalizePixels(net, net.globalAveragePool(x, 'pool'), 'norm');
  return net.finish(net.dense(net.flatten(x, 'flatten'), 'head', classes));
}
