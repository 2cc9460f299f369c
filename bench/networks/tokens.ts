/** What networks of tokens are built of, as exporters write it down. */
import type { Builder } from './builder.ts';

/** Tokens or pixels with their channels last: a tensor's name and the channels. */
export interface Rows {
  readonly tensor: string;
  readonly channels: number;
}

/** x W + b over the last axis, as a product and a sum. */
export function linear(
  net: Builder,
  x: Rows,
  { name, width, gain = 1, bias = true }: { name: string; width: number; gain?: number; bias?: boolean },
): Rows {
  // Fan-in is the first axis here.
  const weight = net.weights(`${name}.weight`, [x.channels, width], (gain * width) / x.channels);
  const product = net.push('MatMul', `${name}.product`, [x.tensor, weight]);
  if (!bias) return { tensor: product, channels: width };
  const shift = net.uniform(`${name}.bias`, [width], [-0.1, 0.1]);
  return { tensor: net.push('Add', name, [shift, product]), channels: width };
}

function parameters(net: Builder, name: string, channels: number): [scale: string, bias: string] {
  return [
    net.uniform(`${name}.weight`, [channels], [0.8, 1.2]),
    net.uniform(`${name}.bias`, [channels], [-0.1, 0.1]),
  ];
}

export function layerNorm(net: Builder, x: Rows, name: string): Rows {
  const inputs = [x.tensor, ...parameters(net, name, x.channels)];
  return { ...x, tensor: net.push('LayerNormalization', name, inputs, { axis: -1, epsilon: 1e-6 }) };
}

/** The same, as it is written before operator set 17. */
export function longLayerNorm(net: Builder, x: Rows, name: string): Rows {
  const [scale, bias] = parameters(net, name, x.channels);
  const axes = { axes: [-1], keepdims: 1 };
  const part = (op: string, what: string, inputs: string[], attributes = {}) =>
    net.push(op, `${name}.${what}`, inputs, attributes);
  const mean = part('ReduceMean', 'mean', [x.tensor], axes);
  const centred = part('Sub', 'centred', [x.tensor, mean]);
  const square = part('Pow', 'square', [centred, net.scalar(2)]);
  const variance = part('ReduceMean', 'variance', [square], axes);
  const root = part('Sqrt', 'root', [part('Add', 'sum', [variance, net.scalar(1e-5)])]);
  const scaled = part('Mul', 'scaled', [part('Div', 'quotient', [centred, root]), scale]);
  return { ...x, tensor: net.push('Add', name, [scaled, bias]) };
}

/** x (1 + erf(x / √2)) / 2, operator by operator. */
export function gelu(net: Builder, x: Rows, name: string): Rows {
  const part = (op: string, what: string, inputs: string[]) => net.push(op, `${name}.${what}`, inputs);
  const erf = part('Erf', 'erf', [part('Div', 'scaled', [x.tensor, net.scalar(Math.SQRT2)])]);
  const product = part('Mul', 'product', [x.tensor, part('Add', 'sum', [erf, net.scalar(1)])]);
  return { ...x, tensor: net.push('Mul', name, [product, net.scalar(0.5)]) };
}

export const addRows = (net: Builder, x: Rows, y: Rows, name: string): Rows => ({
  ...x,
  tensor: net.push('Add', name, [x.tensor, y.tensor]),
});

/** A hidden layer `ratio` times as wide behind a normalization, and the sum. */
export function perceptron(net: Builder, x: Rows, name: string): Rows {
  let y = linear(net, x, { name: `${name}.fc1`, width: 4 * x.channels });
  y = gelu(net, y, `${name}.gelu`);
  return linear(net, y, { name: `${name}.fc2`, width: x.channels, gain: 0.3 });
}

/**
 * Attention over T tokens: one product for queries, keys and values. `bias` adds to the scores [N, heads, T, T] what it is given
 * the names of.
 */
export function attention(
  net: Builder,
  x: Rows,
  options: { name: string; tokens: number; heads: number; biased?: (scores: string) => string },
): Rows {
  const { name, tokens, heads, biased = (scores) => scores } = options;
  const each = x.channels / heads;
  const part = (op: string, what: string, inputs: string[], attributes = {}) =>
    net.push(op, `${name}.${what}`, inputs, attributes);
  const all = linear(net, x, { name: `${name}.qkv`, width: 3 * x.channels });
  const lengths = net.integers(`${name}.lengths`, [-1, tokens, 3, heads, each]);
  const apart = part('Transpose', 'apart', [part('Reshape', 'split', [all.tensor, lengths])], {
    perm: [2, 0, 3, 1, 4],
  });
  const [q, k, v] = ['q', 'k', 'v'].map((what, i) =>
    part('Gather', what, [apart, net.integers(`index.${i}`, i)], { axis: 0 }),
  );
  const scaled = part('Mul', 'scaled', [q, net.scalar(1 / Math.sqrt(each))]);
  const turned = part('Transpose', 'turned', [k], { perm: [0, 1, 3, 2] });
  const scores = biased(part('MatMul', 'scores', [scaled, turned]));
  const mixed = part('MatMul', 'mixed', [part('Softmax', 'shares', [scores], { axis: -1 }), v]);
  const back = part('Transpose', 'back', [mixed], { perm: [0, 2, 1, 3] });
  const joined = part('Reshape', 'joined', [back, net.integers(`${name}.tokens`, [-1, tokens, x.channels])]);
  return linear(net, { ...x, tensor: joined }, { name: `${name}.out`, width: x.channels, gain: 0.3 });
}

export const turn = (net: Builder, tensor: string, { name, perm }: { name: string; perm: number[] }) =>
  net.push('Transpose', name, [tensor], { perm });
