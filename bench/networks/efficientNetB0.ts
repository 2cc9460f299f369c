import type { ModelData } from '../../src/model/data/format.ts';
import { type Builder, createBuilder, type NetworkOptions, type Value } from './builder.ts';

/** Expansion, kernel, first stride, filters and blocks of each stage. Source: Tan & Le 2019, table 1. */
const stages = [
  { expansion: 1, kernel: 3, stride: 1, filters: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, filters: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, filters: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, filters: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, filters: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, filters: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, filters: 320, blocks: 1 },
];
/** A branch adds this much of its deviation to the sum, so that the sums do not grow without bound. */
const BRANCH_SCALE = 0.3;

/** x · σ(x), as two nodes. */
function silu(net: Builder, x: Value, name: string): Value {
  const gate = net.push('Sigmoid', `${name}.sigmoid`, [x.tensor]);
  return { ...x, tensor: net.push('Mul', name, [x.tensor, gate]) };
}

function normalized(net: Builder, x: Value, name: string): Value {
  return silu(net, net.normalize(x, `${name}.bn`), `${name}.silu`);
}

/** Squeeze and excitation: a gate for each channel. */
function gated(net: Builder, x: Value, { name, width }: { name: string; width: number }): Value {
  let y = net.globalAveragePool(x, `${name}.pool`);
  y = silu(net, net.conv(y, `${name}.reduce`, { filters: width, kernel: 1 }), `${name}.silu`);
  y = net.conv(y, `${name}.expand`, { filters: x.channels, kernel: 1, gain: 1 });
  const gate = net.push('Sigmoid', `${name}.gate`, [y.tensor]);
  return { ...x, tensor: net.push('Mul', `${name}.mul`, [gate, x.tensor]) };
}

interface Block {
  readonly name: string;
  readonly expansion: number;
  readonly kernel: number;
  readonly filters: number;
  readonly stride: number;
}

function block(net: Builder, x: Value, { name, expansion, kernel, filters, stride }: Block): Value {
  const width = x.channels * expansion;
  let y = x;
  if (expansion !== 1) {
    const wide = net.conv(y, `${name}.expand`, { filters: width, kernel: 1, bias: false });
    y = normalized(net, wide, `${name}.expand`);
  }
  const window = { kernel, stride, pad: (kernel - 1) / 2, group: width, filters: width, bias: false };
  y = normalized(net, net.conv(y, `${name}.depthwise`, window), `${name}.depthwise`);
  y = gated(net, y, { name: `${name}.gate`, width: Math.max(1, x.channels >> 2) });
  const isResidual = stride === 1 && filters === x.channels;
  y = net.conv(y, `${name}.project`, { filters, kernel: 1, bias: false, gain: 8 });
  y = net.normalize(y, `${name}.project.bn`, isResidual ? BRANCH_SCALE : 1);
  return isResidual ? net.add(y, x, `${name}.add`) : y;
}

/** A network of EfficientNet-B0's shape with seeded random weights; its BatchNormalizations stand as nodes of their own. */
export function createEfficientNetB0({
  classes = 1000,
  seed = 0,
  isMiniature,
}: NetworkOptions = {}): ModelData {
  const net = createBuilder('efficientnet-b0', { seed, side: isMiniature ? 40 : 224 });
  const stem = net.conv(net.input, 'stem', { filters: 32, kernel: 3, stride: 2, pad: 1, bias: false });
  let x = normalized(net, stem, 'stem');
  for (const [stage, { expansion, kernel, stride, filters, blocks }] of stages
    .slice(0, isMiniature ? 3 : 7)
    .entries()) {
    for (let i = 0; i < blocks; i++) {
      const name = `blocks.${stage}.${i}`;
      x = block(net, x, { name, expansion, kernel, filters, stride: i === 0 ? stride : 1 });
    }
  }
  x = normalized(net, net.conv(x, 'head', { filters: 1280, kernel: 1, bias: false }), 'head');
  x = net.flatten(net.globalAveragePool(x, 'pool'), 'flatten');
  return net.finish(net.dense(x, 'classifier', classes));
}
