import { add, concat, exp, matmul, mul, reshape, sub, transpose } from '../autodiff/operations.ts';
import { slice } from '../autodiff/selecting.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { beyond, limits } from '../tensor/limits.ts';
import { formatShape } from '../tensor/shape.ts';
import { full, type Tensor } from '../tensor/tensor.ts';
import { silu } from './activations.ts';
import { repeated } from './attention.ts';
import { conv } from './convolution.ts';
import { choice, type Layers, need, number, wholeMap } from './layer.ts';
import type { Attributes } from './types.ts';

type Inputs = readonly (Tensor | undefined)[];

/** [N, time, heads · width] as [N, heads, time, width]. */
function apart(x: Tensor, heads: number): Tensor {
  const [n, time, width] = x.shape;
  if (x.shape.length !== 3 || !(heads >= 1) || width % heads !== 0)
    throw new ShapeError(
      `${heads} heads are wanted of [N, time, heads · width], got ${formatShape(x.shape)}`,
    );
  return transpose(reshape(x, [n, time, heads, width / heads]), [0, 2, 1, 3]);
}

/** One moment of [N, heads, time, width], as [N, heads, 1, width]. */
const moment = (x: Tensor, t: number): Tensor => slice(x, { axis: 2, start: t, end: t + 1 });

/**
 * Attention whose state S [N, heads, width, width′] is carried along: S ← e^g S, v ← β (v − kᵀ S), S ← S + k vᵀ, o = s qᵀ S.
 * Source: Yang et al. 2024, gated delta networks.
 */
function linearAttention(inputs: Inputs, attributes: Attributes): Tensor[] {
  const [heads, own] = ['q_num_heads', 'kv_num_heads'].map((name) => number(attributes, name, 0));
  const q = apart(need(inputs, 0, 'query'), heads);
  const [k, v] = [need(inputs, 1, 'key'), need(inputs, 2, 'value')].map((x) => apart(x, own));
  const rule = choice(attributes, 'update_rule', ['gated_delta', 'linear', 'gated', 'delta']);
  const decay = rule.includes('gated') ? apart(need(inputs, 4, 'decay'), own) : undefined;
  const given = rule.includes('delta') ? need(inputs, 5, 'beta') : undefined;
  const beta = given && apart(given, given.shape[2]);
  const [n, , time, width] = k.shape;
  if (time > limits.unrolled.value) throw new InputError(beyond(limits.unrolled, time));
  const scale = number(attributes, 'scale', 0) || 1 / Math.sqrt(width);
  let state = inputs[3] ?? full([n, own, width, v.shape[3]], 0, q.dtype);
  const outputs: Tensor[] = [];
  for (let t = 0; t < time; t++) {
    const key = moment(k, t);
    // A row's decay stands beside the row's entries.
    if (decay !== undefined) state = mul(exp(transpose(moment(decay, t), [0, 1, 3, 2])), state);
    const value = moment(v, t);
    const written = beta === undefined ? value : mul(moment(beta, t), sub(value, matmul(key, state)));
    state = add(state, mul(transpose(key, [0, 1, 3, 2]), written));
    outputs.push(matmul(moment(q, t), repeated(state, heads)));
  }
  const y = transpose(concat(outputs, 2), [0, 2, 1, 3]);
  return [mul(scale, reshape(y, [n, time, -1])), state];
}

/** A convolution of each channel with what came before, and the last of the input for the next call. */
function causalConv(inputs: Inputs, attributes: Attributes): Tensor[] {
  const [x, w] = [need(inputs, 0, 'input'), need(inputs, 1, 'weight')];
  const [n, channels] = x.shape;
  const before = (w.shape[2] ?? 1) - 1;
  const padded = concat([inputs[3] ?? full([n, channels, before], 0, x.dtype), x], 2);
  const y = conv(padded, w, { groups: channels, bias: inputs[2] });
  const next = slice(padded, { axis: 2, start: padded.shape[2] - before });
  return [choice(attributes, 'activation', ['none', 'silu', 'swish']) === 'none' ? y : silu(y), next];
}

export const running: Layers = {
  LinearAttention: {
    ...wholeMap,
    inputs: [3, 6],
    outputs: 2,
    attributes: {
      ...{ q_num_heads: 'int', kv_num_heads: 'int', scale: 'float', update_rule: 'text', chunk_size: 'int' },
    },
    evaluate: linearAttention,
  },
  CausalConvWithState: {
    affine: ({ attributes }) =>
      choice(attributes, 'activation', ['none', 'silu', 'swish']) === 'none' ? 'first' : undefined,
    ...wholeMap,
    inputs: [2, 4],
    outputs: 2,
    attributes: { activation: 'text' },
    evaluate: causalConv,
  },
};
