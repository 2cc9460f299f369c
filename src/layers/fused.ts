import { add, matmul, mul, sigmoid, where } from '../autodiff/operations.ts';
import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { roomFor } from '../tensor/room.ts';
import { formatShape, sizeOf } from '../tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor } from '../tensor/tensor.ts';
import { gelu } from './activations.ts';
import { attentions } from './attention.ts';
import {
  entrywise,
  type LayerContext,
  type Layers,
  need,
  number,
  numbers,
  simple,
  valuesOf,
  wholeMap,
} from './layer.ts';
import { normalization } from './normalization.ts';
import { sliced } from './shaping.ts';
import type { Attributes } from './types.ts';

type Inputs = readonly (Tensor | undefined)[];

/** x, and what is added to it where there is anything. */
const plus = (x: Tensor, bias: Tensor | undefined) => (bias === undefined ? x : add(x, bias));

/** Some of the last axis. */
const columns = (x: Tensor, start: number, end: number) =>
  sliced(x, [{ axis: x.shape.length - 1, start, end, step: 1 }]);

/** Consecutive parts of the last axis. */
function partsOf(x: Tensor, lengths: readonly number[]): Tensor[] {
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return columns(x, start - length, start);
  });
}

/** A mask of keys, 1 where one counts, as what is added to the scores [N or 1, 1, queries or 1, keys]. */
function biasOfMask(given: Tensor, keys: number, attributes: Attributes): Tensor {
  const mask = concrete(given);
  const [n, ...rest] = mask.shape;
  const wanted = rest.at(-1) === keys && rest.length >= 1 && rest.length <= 2;
  if (!wanted) {
    throw new InputError(
      `its mask must have shape [N, ${keys}] or [N, queries, ${keys}], got ${formatShape(mask.shape)}; give lengths as such a mask`,
    );
  }
  const shaped = fromData(contiguous(mask).data, [n, 1, rest.length === 2 ? rest[0] : 1, keys]);
  return where(shaped, 0, number(attributes, 'mask_filter_value', -10000));
}

interface Projected {
  /** [N, tokens, width] each. */
  readonly qkv: readonly [q: Tensor, k: Tensor, v: Tensor];
  readonly mask: Tensor | undefined;
  readonly bias: Tensor | undefined;
}

/** softmax(q kᵀ · scale + mask + bias) v over heads, as ONNX's Attention has it. */
function attended({ qkv, mask, bias }: Projected, attributes: Attributes, context: LayerContext): Tensor {
  for (const x of qkv) {
    if (x.shape.length === 3) continue;
    throw new InputError(
      `it takes queries, keys and values [N, tokens, width] of their own, got ${formatShape(x.shape)}; save the file without fusions`,
    );
  }
  const heads = number(attributes, 'num_heads', 0);
  const width = qkv[0].shape[2] / heads;
  const masks = mask === undefined ? undefined : biasOfMask(mask, qkv[1].shape[1], attributes);
  const added = masks === undefined ? bias : plus(masks, bias);
  const own = {
    ...{ q_num_heads: heads, kv_num_heads: heads, is_causal: number(attributes, 'unidirectional', 0) },
    scale: number(attributes, 'scale', 0) || 1 / Math.sqrt(width),
  };
  const y = attentions.Attention.evaluate([...qkv, added], own, { ...context, types: [] });
  return 'shape' in y ? y : y[0];
}

const attentionKinds = {
  num_heads: 'int',
  unidirectional: 'int',
  mask_filter_value: 'float',
  scale: 'float',
} as const;

/** @throws InputError for an input that jetgrad does not follow. */
function refuse(inputs: Inputs, named: Readonly<Record<string, number>>): void {
  for (const [name, i] of Object.entries(named)) {
    if (inputs[i] === undefined) continue;
    throw new InputError(`its input ${name} is not read: it belongs to text that is made word by word`);
  }
}

function multiHead(inputs: Inputs, attributes: Attributes, context: LayerContext): Tensor {
  refuse(inputs, { past_key: 6, past_value: 7 });
  const given = [need(inputs, 0, 'query'), need(inputs, 1, 'key'), need(inputs, 2, 'value')] as const;
  const [, , , bias] = inputs;
  const biases =
    bias &&
    partsOf(
      bias,
      given.map(({ shape }) => shape.at(-1) as number),
    );
  const [q, k, v] = given.map((x, i) => plus(x, biases?.[i]));
  return attended({ qkv: [q, k, v], mask: inputs[4], bias: inputs[5] }, attributes, context);
}

function selfAttention(inputs: Inputs, attributes: Attributes, context: LayerContext): Tensor {
  refuse(inputs, { past: 4 });
  const all = plus(matmul(need(inputs, 0, 'input'), need(inputs, 1, 'weights')), inputs[2]);
  const third = (all.shape.at(-1) as number) / 3;
  const [q, k, v] = partsOf(all, numbers(attributes, 'qkv_hidden_sizes', [third, third, third]));
  return attended({ qkv: [q, k, v], mask: inputs[3], bias: inputs[5] }, attributes, context);
}

/** Weights [N, K] in blocks of few bits along K, each block with a scale and a zero point; the first in the lowest bits of a byte. */
function unpacked(inputs: Inputs, attributes: Attributes, isPacked: boolean): Tensor {
  const [k, n, size, bits] = (['K', 'N', 'block_size', 'bits'] as const).map((name) =>
    number(attributes, name, name === 'bits' ? 4 : 0),
  );
  const [codes, scales] = [need(inputs, 1, 'B'), need(inputs, 2, 'scales')].map(
    (x) => valuesOf(x) as number[],
  );
  const blocks = Math.ceil(k / size);
  const rowBytes = Math.ceil((blocks * size * bits) / 8);
  if (![2, 4, 8].includes(bits) || codes.length !== n * rowBytes || scales.length !== n * blocks) {
    throw new InputError(
      `its weights must be ${n} rows of ${rowBytes} bytes and ${blocks} scales of 2, 4 or 8 bits, got ${codes.length} bytes, ${scales.length} scales and ${bits} bits`,
    );
  }
  const at = (bytes: ArrayLike<number>, row: number, i: number) =>
    (bytes[row + Math.floor((i * bits) / 8)] >> ((i * bits) % 8)) & (2 ** bits - 1);
  const zeroData = valuesOf(inputs[3]);
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const zeroOf = (row: number, block: number) => {
    if (zeroData === undefined) return 2 ** (bits - 1);
    return isPacked ? at(zeroData, row * zeroBytes, block) : zeroData[row * blocks + block];
  };
  const out = new Float64Array(roomFor(n * k));
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < k; i++) {
      const block = Math.floor(i / size);
      const zero = zeroOf(row, block);
      out[row * k + i] = (at(codes, row * rowBytes, i) - zero) * scales[row * blocks + block];
    }
  }
  return fromData(out, [n, k]);
}

/**
 * Operators that onnxruntime makes of several when it optimises a file, and which are no sequence of ONNX's own; others are rewritten
 * when a file is read.
 */
export const fused: Layers = {
  SimplifiedLayerNormalization: normalization.RMSNormalization,
  'com.microsoft.Gelu': simple((x) => gelu(x), entrywise),
  'com.microsoft.FastGelu': simple((x) => gelu(x, { approximate: true }), entrywise),
  'com.microsoft.QuickGelu': simple((x, a) => mul(x, sigmoid(mul(number(a, 'alpha', 1.702), x))), entrywise, {
    alpha: 'float',
  }),
  'com.microsoft.FusedMatMul': {
    ...wholeMap,
    affine: 'singly',
    // Of a single matrix the rows lie along the axis of images.
    images: ({ attributes, rank }) => rank > 2 || number(attributes, 'transA', 0) === 0,
    weights: [0, 1],
    inputs: [2, 2],
    attributes: { alpha: 'float', transA: 'int', transB: 'int', transBatchA: 'int', transBatchB: 'int' },
    evaluate: (inputs, attributes) => {
      const flag = (name: string) => number(attributes, name, 0) === 1;
      if (flag('transBatchA') || flag('transBatchB')) {
        throw new InputError(
          'its batches are transposed, which jetgrad does not read; save the file without fusions',
        );
      }
      const transposed = { left: flag('transA'), right: flag('transB') };
      return mul(
        number(attributes, 'alpha', 1),
        matmul(need(inputs, 0, 'A'), need(inputs, 1, 'B'), transposed),
      );
    },
  },
  'com.microsoft.MultiHeadAttention': {
    ...wholeMap,
    inputs: [3, 8],
    attributes: attentionKinds,
    evaluate: multiHead,
  },
  'com.microsoft.Attention': {
    ...wholeMap,
    inputs: [2, 6],
    attributes: { ...attentionKinds, qkv_hidden_sizes: 'ints' },
    evaluate: selfAttention,
  },
  'com.microsoft.MatMulNBits': {
    ...wholeMap,
    affine: 'first',
    inputs: [3, 6],
    attributes: { K: 'int', N: 'int', bits: 'int', block_size: 'int', accuracy_level: 'int' },
    evaluate: (inputs, attributes, { types }) => {
      if (inputs[4] !== undefined && sizeOf(inputs[4].shape) > 0)
        throw new InputError('its input g_idx is not read');
      const x = need(inputs, 0, 'A');
      const w = castTo(unpacked(inputs, attributes, types[3] === 'uint8'), x.dtype);
      return plus(matmul(x, w, { right: true }), inputs[5]);
    },
  },
};
