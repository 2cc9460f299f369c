import {
  add,
  broadcastTo,
  concat,
  div,
  matmul,
  mul,
  reshape,
  sub,
  take,
  takeAt,
  tanh,
  transpose,
  where,
} from '../autodiff/operations.ts';
import { concrete } from '../autodiff/trace.ts';
import { InputError } from '../tensor/errors.ts';
import { mapEntries, zipEntries } from '../tensor/kernels/reference/map.ts';
import { roomFor } from '../tensor/room.ts';
import { sizeOf } from '../tensor/shape.ts';
import { fromData, full, rowMajor, type Tensor } from '../tensor/tensor.ts';
import { type Layers, need, number, valuesOf, wholeMap } from './layer.ts';
import { placesOf, wrapIndex } from './places.ts';
import { softmax } from './softmax.ts';
import type { Attributes } from './types.ts';

/** [N, tokens, heads · width] as [N, heads, tokens, width]; what has four axes as it is. */
function headsOf(x: Tensor, attributes: Attributes, name: string): Tensor {
  if (x.shape.length === 4) return x;
  const [n, tokens, width] = x.shape;
  const heads = number(attributes, name, 0);
  if (!(x.shape.length === 3 && heads >= 1 && width % heads === 0)) {
    throw new InputError(
      `its inputs must have four axes, or three that ${heads} heads (${name}) divide, got [${x.shape.join(', ')}]`,
    );
  }
  return transpose(reshape(x, [n, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/** Each head so many times, one after the other. */
export function repeated(x: Tensor, heads: number): Tensor {
  const [n, own, tokens, width] = x.shape;
  if (heads === own) return x;
  if (heads % own !== 0) throw new InputError(`${heads} heads of queries do not share ${own} heads of keys`);
  const spread = broadcastTo(reshape(x, [n, own, 1, tokens, width]), [n, own, heads / own, tokens, width]);
  return reshape(spread, [n, heads, tokens, width]);
}

interface Masking {
  readonly tokens: number;
  readonly keys: number;
  /** How many keys lie before the first query, one for all images or one each. */
  readonly offsets: readonly number[];
  /** How many of an image's keys count. */
  readonly lengths: readonly number[] | undefined;
}

/** 1 where a query may look at a key by their places alone, [images or 1, 1, queries, keys]. */
function placesMask(attributes: Attributes, { tokens, keys, offsets, lengths }: Masking): Tensor {
  const window = (name: string) => {
    const size = number(attributes, name, -1);
    return size < 0 ? Number.POSITIVE_INFINITY : size;
  };
  const after = number(attributes, 'is_causal', 0) === 1 ? 0 : window('right_window_size');
  const [left, right] = [window('left_window_size'), Math.min(after, window('right_window_size'))];
  const shape = [offsets.length, 1, tokens, keys];
  const allowed = placesOf(shape, ([n, , query, key]) => {
    const behind = query + offsets[n] - key;
    return Number(behind <= left && -behind <= right && key < (lengths?.[n] ?? keys));
  });
  return fromData(Float64Array.from(allowed), shape);
}

/** A mask as far as all keys: what it does not name is not looked at. */
function widened(mask: Tensor, keys: number, fill: number): Tensor {
  const missing = keys - (mask.shape.at(-1) ?? keys);
  if (missing <= 0) return mask;
  return concat([mask, full([...mask.shape.slice(0, -1), missing], fill, mask.dtype)], -1);
}

const both = (a: Tensor, b: Tensor) => zipEntries(a, b, (x, y) => x * y, 'mask');

/** Whether any key is allowed, kept as an axis of length 1. */
function anyKey(allowed: Tensor): Tensor {
  const keys = allowed.shape.at(-1) as number;
  const rows = sizeOf(allowed.shape.slice(0, -1));
  const { data } = allowed;
  const any = Float64Array.from({ length: roomFor(rows) }, (_, row) =>
    Number(data.subarray(row * keys, (row + 1) * keys).includes(1)),
  );
  return fromData(any, [...allowed.shape.slice(0, -1), 1]);
}

interface Mask {
  /** Added to the scores; finite. */
  readonly bias?: Tensor;
  /** 1 where a key is looked at. */
  readonly allowed: Tensor;
}

/** A mask of booleans, or of numbers, whose −∞ are keys that are not looked at. */
function maskOf(given: Tensor | undefined, isBoolean: boolean, places: Tensor): Mask {
  if (given === undefined) return { allowed: places };
  const keys = places.shape.at(-1) as number;
  const mask = widened(given, keys, isBoolean ? 0 : Number.NEGATIVE_INFINITY);
  const own = mapEntries(concrete(mask), (x) => Number(isBoolean ? x !== 0 : x !== Number.NEGATIVE_INFINITY));
  const allowed = both(own, places);
  return isBoolean ? { allowed } : { allowed, bias: where(own, mask, 0) };
}

/** softmax over the keys that are allowed; 0 where none is. */
function attended(scores: Tensor, { bias, allowed }: Mask) {
  const biased = bias === undefined ? scores : add(scores, bias);
  const some = anyKey(allowed);
  const masked = where(allowed, biased, Number.NEGATIVE_INFINITY);
  const p = softmax(where(some, masked, 0), -1);
  return { masked, p: where(some, p, 0) };
}

function attention(inputs: readonly (Tensor | undefined)[], attributes: Attributes, isBoolean: boolean) {
  const q = headsOf(need(inputs, 0, 'Q'), attributes, 'q_num_heads');
  const grown = (i: number, name: string) => {
    const x = headsOf(need(inputs, i, name), attributes, 'kv_num_heads');
    const past = inputs[i + 3];
    return past === undefined ? x : concat([past, x], 2);
  };
  const [k, v] = [grown(1, 'K'), grown(2, 'V')];
  const [, heads, tokens, width] = q.shape;
  const lengths = valuesOf(inputs[6]);
  const offsets = lengths?.map((length) => length - tokens) ?? [inputs[4]?.shape[2] ?? 0];
  const places = placesMask(attributes, { tokens, keys: k.shape[2], offsets, lengths });
  const scale = number(attributes, 'scale', 1 / Math.sqrt(width));
  const raw = mul(scale, matmul(q, repeated(k, heads), { right: true }));
  const cap = number(attributes, 'softcap', 0);
  const scores = cap === 0 ? raw : mul(cap, tanh(div(raw, cap)));
  const { masked, p } = attended(scores, maskOf(inputs[3], isBoolean, places));
  const product = matmul(p, repeated(v, heads));
  const y =
    need(inputs, 0, 'Q').shape.length === 4
      ? product
      : reshape(transpose(product, [0, 2, 1, 3]), [q.shape[0], tokens, -1]);
  const shown = [scores, scores, masked, p][number(attributes, 'qk_matmul_output_mode', 0)];
  return [y, k, v, shown];
}

/** Every `step`-th number of the last axis. */
const part = (x: Tensor, start: number, { length, step = 1 }: { length: number; step?: number }): Tensor =>
  take(x, {
    shape: [...x.shape.slice(0, -1), length],
    stride: [...rowMajor(x.shape).slice(0, -1), step],
    offset: start,
  });

/** The rows of a table [rows, width] at places [N, tokens], or a table of each token as it is, beside the heads. */
function rowsAt(table: Tensor, places: Tensor | undefined): Tensor {
  const width = table.shape.at(-1) as number;
  if (places === undefined) return reshape(table, [table.shape[0], 1, table.shape[1], width]);
  const rows = (valuesOf(places) as number[]).map((row) => wrapIndex(row, table.shape[0]));
  const index = placesOf([rows.length, width], ([row, i]) => rows[row] * width + i);
  return takeAt(table, index, [places.shape[0], 1, places.shape[1], width]);
}

/** Pairs of numbers turned by the angle of their token: (c x₁ − s x₂, s x₁ + c x₂). Source: Su et al. 2021, RoFormer. */
function rotated(inputs: readonly (Tensor | undefined)[], attributes: Attributes): Tensor {
  const given = need(inputs, 0, 'X');
  const x = headsOf(given, attributes, 'num_heads');
  const width = x.shape[3];
  const turned = number(attributes, 'rotary_embedding_dim', 0) || width;
  const length = turned / 2;
  const [c, s] = [rowsAt(need(inputs, 1, 'cos'), inputs[3]), rowsAt(need(inputs, 2, 'sin'), inputs[3])];
  const isInterleaved = number(attributes, 'interleaved', 0) === 1;
  const step = isInterleaved ? 2 : 1;
  const [a, b] = [part(x, 0, { length, step }), part(x, isInterleaved ? 1 : length, { length, step })];
  const pair = [sub(mul(c, a), mul(s, b)), add(mul(s, a), mul(c, b))];
  const apart = [...x.shape.slice(0, 3), length, 1];
  const joined = isInterleaved
    ? reshape(
        concat(
          pair.map((each) => reshape(each, apart)),
          -1,
        ),
        [...x.shape.slice(0, 3), turned],
      )
    : concat(pair, -1);
  const y = turned === width ? joined : concat([joined, part(x, turned, { length: width - turned })], -1);
  return given.shape.length === 4 ? y : reshape(transpose(y, [0, 2, 1, 3]), given.shape);
}

export const attentions: Layers = {
  Attention: {
    ...wholeMap,
    inputs: [3, 7],
    outputs: 4,
    attributes: {
      ...{ is_causal: 'int', kv_num_heads: 'int', q_num_heads: 'int', qk_matmul_output_mode: 'int' },
      ...{ scale: 'float', softcap: 'float', softmax_precision: 'int' },
      ...{ left_window_size: 'int', right_window_size: 'int' },
    },
    evaluate: (inputs, attributes, { types }) => attention(inputs, attributes, types[3] === 'bool'),
  },
  RotaryEmbedding: {
    affine: 'first',
    ...wholeMap,
    inputs: [3, 4],
    attributes: { interleaved: 'int', num_heads: 'int', rotary_embedding_dim: 'int' },
    evaluate: rotated,
  },
};
