import type { ModelData } from '../../src/model/data/format.ts';
import { type Builder, createBuilder, type NetworkOptions } from './builder.ts';
import { addRows, attention, linear, longLayerNorm, perceptron, type Rows, turn } from './tokens.ts';

/** Heads and number of blocks of each stage; widths double from 96 on. Source: Liu et al. 2021. */
const stages = [
  { heads: 3, blocks: 2 },
  { heads: 6, blocks: 2 },
  { heads: 12, blocks: 6 },
  { heads: 24, blocks: 2 },
];
const WIDTH = 96;
const PATCH = 4;
const WINDOW = 7;
const TOKENS = WINDOW ** 2;

/** Pixels [N, side, side, channels]. */
interface Pixels extends Rows {
  readonly side: number;
}

/** The pixels of a side, moved round by so many: the first go behind the last. */
function rolled(net: Builder, x: Pixels, { name, by }: { name: string; by: number }): Pixels {
  const at = (value: number) => net.integers(`at.${value}`, [value]);
  const start = by < 0 ? by + x.side : by;
  let { tensor } = x;
  for (const axis of [1, 2]) {
    const part = (what: string, from: number, to: number) =>
      net.push('Slice', `${name}.${axis}.${what}`, [tensor, at(from), at(to), at(axis)]);
    const parts = [part('rest', start, x.side), part('start', 0, start)];
    tensor = net.push('Concat', `${name}.${axis}`, parts, { axis });
  }
  return { ...x, tensor };
}

/** −100 between tokens of a window that are no neighbours in the picture: [windows, 1, T, T]. */
function maskOf(side: number, shift: number): Float32Array {
  const region = (at: number) => (at < side - WINDOW ? 0 : at < side - shift ? 1 : 2);
  const across = side / WINDOW;
  const mask = new Float32Array(across ** 2 * TOKENS ** 2);
  for (let window = 0; window < across ** 2; window++) {
    const kinds = Array.from({ length: TOKENS }, (_, t) => {
      const y = Math.floor(window / across) * WINDOW + Math.floor(t / WINDOW);
      const x = (window % across) * WINDOW + (t % WINDOW);
      return 3 * region(y) + region(x);
    });
    for (let a = 0; a < TOKENS; a++) {
      for (let b = 0; b < TOKENS; b++)
        mask[(window * TOKENS + a) * TOKENS + b] = kinds[a] === kinds[b] ? 0 : -100;
    }
  }
  return mask;
}

interface Attention {
  readonly name: string;
  readonly heads: number;
  readonly shift: number;
}

/** Attention within windows, which are shifted by so many pixels. */
function windowed(net: Builder, x: Pixels, { name, heads, shift }: Attention): Pixels {
  const { side, channels } = x;
  const across = side / WINDOW;
  const windows = across ** 2;
  const part = (op: string, what: string, inputs: string[], attributes = {}) =>
    net.push(op, `${name}.${what}`, inputs, attributes);
  const lengths = (what: string, values: number[]) => net.integers(`${name}.${what}.shape`, values);
  const moved = shift === 0 ? x : rolled(net, x, { name: `${name}.roll`, by: shift });
  const cut = part('Reshape', 'cut', [
    moved.tensor,
    lengths('cells', [-1, across, WINDOW, across, WINDOW, channels]),
  ]);
  const apart = turn(net, cut, { name: `${name}.apart`, perm: [0, 1, 3, 2, 4, 5] });
  const tokens = part('Reshape', 'windows', [apart, lengths('tokens', [-1, TOKENS, channels])]);
  const bias = net.uniform(`${name}.places`, [1, heads, TOKENS, TOKENS], [-1, 1]);
  const biased = (scores: string) => {
    const placed = part('Add', 'placed', [scores, bias]);
    if (shift === 0) return placed;
    const mask = net.constant(`${name}.mask`, maskOf(side, shift), [1, windows, 1, TOKENS, TOKENS]);
    const grouped = part('Reshape', 'grouped', [
      placed,
      lengths('groups', [-1, windows, heads, TOKENS, TOKENS]),
    ]);
    return part('Reshape', 'masked', [
      part('Add', 'hidden', [grouped, mask]),
      lengths('scores', [-1, heads, TOKENS, TOKENS]),
    ]);
  };
  const looked = attention(
    net,
    { channels, tensor: tokens },
    { name: `${name}.heads`, tokens: TOKENS, heads, biased },
  );
  const cells = part('Reshape', 'uncut', [
    looked.tensor,
    lengths('uncut.cells', [-1, across, across, WINDOW, WINDOW, channels]),
  ]);
  const together = turn(net, cells, { name: `${name}.together`, perm: [0, 1, 3, 2, 4, 5] });
  const whole = part('Reshape', 'whole', [together, lengths('pixels', [-1, side, side, channels])]);
  const back = { ...x, tensor: whole };
  return shift === 0 ? back : rolled(net, back, { name: `${name}.unroll`, by: -shift });
}

function block(net: Builder, x: Pixels, options: Attention): Pixels {
  const { name } = options;
  const normal = longLayerNorm(net, x, `${name}.norm1`);
  const looked = windowed(net, { ...x, ...normal }, { ...options, name: `${name}.attention` });
  const sum = addRows(net, x, looked, `${name}.sum1`);
  const y = perceptron(net, longLayerNorm(net, sum, `${name}.norm2`), name);
  return { ...x, ...addRows(net, sum, y, `${name}.sum2`) };
}

/** Four pixels become one of twice the channels. */
function merged(net: Builder, x: Pixels, name: string): Pixels {
  const at = (value: number) => net.integers(`at.${value}`, [value]);
  const every = (tensor: string, axis: number, start: number) =>
    net.push('Slice', `${name}.${tensor === x.tensor ? 'rows' : tensor}.${axis}.${start}`, [
      ...[tensor, at(start), at(1 << 30), at(axis), at(2)],
    ]);
  const rows = [0, 1].map((start) => every(x.tensor, 1, start));
  const parts = [every(rows[0], 2, 0), every(rows[1], 2, 0), every(rows[0], 2, 1), every(rows[1], 2, 1)];
  const wide = { tensor: net.push('Concat', `${name}.join`, parts, { axis: -1 }), channels: 4 * x.channels };
  const normal = longLayerNorm(net, wide, `${name}.norm`);
  return {
    side: x.side / 2,
    ...linear(net, normal, { name: `${name}.reduce`, width: 2 * x.channels, bias: false }),
  };
}

/** A network of Swin-T's shape with seeded random weights. */
export function createSwinTiny({ classes = 1000, seed = 0, isMiniature }: NetworkOptions = {}): ModelData {
  const net = createBuilder('swin-t', { seed, side: isMiniature ? 56 : 224 });
  const patches = net.conv(net.input, 'patches', { filters: WIDTH, kernel: PATCH, stride: PATCH, gain: 1 });
  const last = turn(net, patches.tensor, { name: 'patches.last', perm: [0, 2, 3, 1] });
  let x: Pixels = { ...patches, tensor: last };
  x = { ...x, ...longLayerNorm(net, x, 'patches.norm') };
  for (const [stage, { heads, blocks }] of stages.slice(0, isMiniature ? 2 : 4).entries()) {
    if (stage > 0) x = merged(net, x, `stages.${stage}.merge`);
    for (let i = 0; i < blocks; i++) {
      // One window has nothing to be shifted against.
      const shift = i % 2 === 1 && x.side > WINDOW ? WINDOW >> 1 : 0;
      x = block(net, x, { name: `stages.${stage}.${i}`, heads, shift });
    }
  }
  x = { ...x, ...longLayerNorm(net, x, 'norm') };
  const first = turn(net, x.tensor, { name: 'first', perm: [0, 3, 1, 2] });
  const pooled = net.globalAveragePool({ ...x, tensor: first }, 'pool');
  return net.finish(net.dense(net.flatten(pooled, 'flatten'), 'head', classes));
}
