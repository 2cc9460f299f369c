/** Networks of tokens [T, D]: attention, normalization, functions, and what moves entries about. */
import {
  type Builder,
  chance,
  channelCounts,
  type Grow,
  integers,
  node,
  normals,
  pick,
  tensorOf,
  type Wire,
  weights,
} from './builder.ts';

const scalar = (b: Builder, value: number) => tensorOf(b, [], () => value);

/** A map as tokens: its pixels. */
export const toTokens: Grow = (b, x) => {
  const [c, h, w] = x.shape;
  if (chance(b, 0.5)) {
    const flat = node(b, 'Reshape', { inputs: [x.name, integers(b, [0, c, -1])], shape: [c, h * w] });
    return node(b, 'Transpose', { inputs: [flat.name], shape: [h * w, c], attributes: { perm: [0, 2, 1] } });
  }
  const last = node(b, 'Transpose', {
    ...{ inputs: [x.name], shape: [h, w, c], attributes: { perm: [0, 2, 3, 1] } },
  });
  return node(b, 'Reshape', { inputs: [last.name, integers(b, [0, -1, c])], shape: [h * w, c] });
};

/** Tokens as a map, one row high. */
const toMap: Grow = (b, x) => {
  const [t, d] = x.shape;
  const turned = node(b, 'Transpose', { inputs: [x.name], shape: [d, t], attributes: { perm: [0, 2, 1] } });
  return node(b, 'Reshape', { inputs: [turned.name, integers(b, [0, d, 1, t])], shape: [d, 1, t] });
};

function linear(b: Builder, x: Wire, width: number): Wire {
  const [t, d] = x.shape;
  const w = weights(b, [d, width], d);
  const y = node(b, 'MatMul', { inputs: [x.name, w], shape: [t, width] });
  if (chance(b, 0.3)) return y;
  const bias = normals(b, [width], 0.3);
  return node(b, 'Add', { inputs: chance(b, 0.5) ? [bias, y.name] : [y.name, bias], shape: y.shape });
}

const dense: Grow = (b, x) => linear(b, x, pick(b, channelCounts));

const layerNormalization: Grow = (b, x) => {
  const { shape } = x;
  const d = shape.at(-1) as number;
  const scale = tensorOf(b, [d], () => 0.5 + b.random.uniform());
  const bias = normals(b, [d], 0.3);
  if (chance(b, 0.4)) {
    const inputs = [x.name, scale, ...(chance(b, 0.7) ? [bias] : [])];
    return node(b, 'LayerNormalization', { inputs, shape, attributes: { axis: -1, epsilon: 1e-2 } });
  }
  const one = [...shape.slice(0, -1), 1];
  const axes = { axes: [-1] };
  const mean = node(b, 'ReduceMean', { inputs: [x.name], shape: one, attributes: axes });
  const centred = node(b, 'Sub', { inputs: [x.name, mean.name], shape });
  const square = chance(b, 0.5)
    ? node(b, 'Mul', { inputs: [centred.name, centred.name], shape })
    : node(b, 'Pow', { inputs: [centred.name, scalar(b, 2)], shape });
  const variance = node(b, 'ReduceMean', { inputs: [square.name], shape: one, attributes: axes });
  const sum = node(b, 'Add', { inputs: [variance.name, scalar(b, 1e-2)], shape: one });
  const root = node(b, 'Sqrt', { inputs: [sum.name], shape: one });
  const y = node(b, 'Div', { inputs: [centred.name, root.name], shape });
  if (chance(b, 0.2)) return y;
  const scaled = node(b, 'Mul', { inputs: [y.name, scale], shape });
  return chance(b, 0.2) ? scaled : node(b, 'Add', { inputs: [scaled.name, bias], shape });
};

export const gelu: Grow = (b, x) => {
  const { name, shape } = x;
  if (chance(b, 0.2)) return node(b, 'Gelu', { inputs: [name], shape });
  const scaled = node(b, 'Div', { inputs: [name, scalar(b, Math.SQRT2)], shape });
  const erf = node(b, 'Erf', { inputs: [scaled.name], shape });
  const sum = node(b, 'Add', { inputs: [erf.name, scalar(b, 1)], shape });
  const half = scalar(b, 0.5);
  if (chance(b, 0.5)) {
    const product = node(b, 'Mul', { inputs: [name, sum.name], shape });
    return node(b, 'Mul', { inputs: [product.name, half], shape });
  }
  const halved = node(b, 'Mul', { inputs: [name, half], shape });
  return node(b, 'Mul', { inputs: [halved.name, sum.name], shape });
};

/** x · σ(x), or f(x) for another smooth function. */
export const smooth: Grow = (b, x) => {
  const { name, shape } = x;
  const op = pick(b, ['Sigmoid', 'Swish', 'Tanh', 'Elu', 'Erf', 'SiLU', 'Exp', 'Sqrt', 'Div', 'PRelu']);
  if (op === 'SiLU') {
    const gate = node(b, 'Sigmoid', { inputs: [name], shape });
    return node(b, 'Mul', { inputs: chance(b, 0.5) ? [name, gate.name] : [gate.name, name], shape });
  }
  if (op === 'PRelu') {
    const slopes = pick(b, [[1], shape.length === 3 ? [shape[0], 1, 1] : shape.slice(-1)]);
    return node(b, 'PRelu', { inputs: [name, normals(b, slopes, 0.3)], shape });
  }
  if (op !== 'Exp' && op !== 'Sqrt' && op !== 'Div') return node(b, op, { inputs: [name], shape });
  const share = node(b, 'Sigmoid', { inputs: [name], shape });
  if (op === 'Exp') return node(b, 'Exp', { inputs: [share.name], shape });
  const sum = node(b, 'Add', { inputs: [share.name, scalar(b, 0.5)], shape });
  if (op === 'Sqrt') return node(b, 'Sqrt', { inputs: [sum.name], shape });
  const inputs = chance(b, 0.5) ? [name, sum.name] : [scalar(b, 1.5), sum.name];
  return node(b, 'Div', { inputs, shape });
};

/** softmax(q kᵀ / √d) v in heads, from one product or three. */
const attention: Grow = (b, x) => {
  const [t, d] = x.shape;
  const heads = pick(
    b,
    [1, 2, 3, 4].filter((each) => d % each === 0),
  );
  const each = d / heads;
  const split = [0, t, heads, each];
  const order = { perm: [0, 2, 1, 3] };
  const own = (y: Wire) => {
    const parts = node(b, 'Reshape', { inputs: [y.name, integers(b, split)], shape: [t, heads, each] });
    return node(b, 'Transpose', { inputs: [parts.name], shape: [heads, t, each], attributes: order });
  };
  const stacked = (): string[] => {
    const all = linear(b, x, 3 * d);
    if (chance(b, 0.5)) {
      const names = [0, 1, 2].map((i) => `${all.name} part ${i}`);
      const attributes = { axis: 2 };
      const inputs = [all.name, integers(b, [d, d, d])];
      b.nodes.push({ name: `Split ${b.nodes.length}`, op: 'Split', inputs, outputs: names, attributes });
      return names.map((name) => own({ name, shape: [t, d] }).name);
    }
    const lengths = integers(b, [0, t, 3, heads, each]);
    const five = node(b, 'Reshape', { inputs: [all.name, lengths], shape: [t, 3, heads, each] });
    const perm = [2, 0, 3, 1, 4];
    // The images are no longer the first axis: no wire.
    const turned = `${five.name} turned`;
    const name = `Transpose ${b.nodes.length}`;
    b.nodes.push({ name, op: 'Transpose', inputs: [five.name], outputs: [turned], attributes: { perm } });
    return [0, 1, 2].map((i) => {
      const inputs = [turned, tensorInt(b, i)];
      return node(b, 'Gather', { inputs, shape: [heads, t, each], attributes: { axis: 0 } }).name;
    });
  };
  const [q, k, v] = chance(b, 0.5) ? stacked() : [0, 1, 2].map(() => own(linear(b, x, d)).name);
  const turned = node(b, 'Transpose', {
    ...{ inputs: [k], shape: [heads, each, t], attributes: { perm: [0, 1, 3, 2] } },
  });
  let scores = node(b, 'MatMul', { inputs: [q, turned.name], shape: [heads, t, t] });
  const factor = scalar(b, 1 / Math.sqrt(each));
  scores = node(b, 'Mul', { inputs: [scores.name, factor], shape: scores.shape });
  if (chance(b, 0.4)) {
    const inputs = [
      scores.name,
      normals(
        b,
        pick(b, [
          [1, heads, t, t],
          [t, t],
          [heads, 1, 1],
        ]),
      ),
    ];
    scores = node(b, 'Add', { inputs, shape: scores.shape });
  }
  const shares = node(b, 'Softmax', { inputs: [scores.name], shape: scores.shape, attributes: { axis: -1 } });
  const mixed = node(b, 'MatMul', { inputs: [shares.name, v], shape: [heads, t, each] });
  const back = node(b, 'Transpose', { inputs: [mixed.name], shape: [t, heads, each], attributes: order });
  return node(b, 'Reshape', { inputs: [back.name, integers(b, [0, t, d])], shape: [t, d] });
};

function tensorInt(b: Builder, value: number): string {
  const name = integers(b, [value]);
  const stored = b.tensors.get(name);
  if (stored !== undefined) b.tensors.set(name, { ...stored, shape: [] });
  return name;
}

/** Entries that move: slices, padding, gathering, joining, repeating. Works on rows, tokens and maps. */
export const moved: Grow = (b, x) => {
  const { name, shape } = x;
  const at = b.random.integer(shape.length);
  const axis = at + 1;
  const length = shape[at];
  const to = (other: number) => shape.map((each, i) => (i === at ? other : each));
  const way = b.random.integer(7);
  if (way === 0) {
    const step = 1 + b.random.integer(2);
    const start = b.random.integer(Math.ceil(length / 2));
    const inputs = [name, ...[start, 1 << 30, axis, step].map((each) => integers(b, [each]))];
    return node(b, 'Slice', { inputs, shape: to(Math.ceil((length - start) / step)) });
  }
  if (way === 1) {
    const pads = [0, ...shape.map(() => 0), 0, ...shape.map(() => 0)];
    [pads[axis], pads[axis + shape.length + 1]] = [1, b.random.integer(3)];
    const mode = length > 2 ? pick(b, ['constant', 'edge', 'reflect']) : 'constant';
    const inputs = [name, integers(b, pads)];
    return node(b, 'Pad', {
      inputs,
      shape: to(length + 1 + pads[axis + shape.length + 1]),
      attributes: { mode },
    });
  }
  if (way === 2) {
    const chosen = Array.from(
      { length: 1 + b.random.integer(4) },
      () => b.random.integer(2 * length) - length,
    );
    const inputs = [name, integers(b, chosen)];
    return node(b, 'Gather', { inputs, shape: to(chosen.length), attributes: { axis } });
  }
  if (way === 3 && length < 30) {
    const inputs = chance(b, 0.5) ? [name, name] : [name, name, name];
    return node(b, 'Concat', { inputs, shape: to(length * inputs.length), attributes: { axis } });
  }
  if (way === 4 && shape.length > 1) {
    const keepdims = chance(b, 0.5) ? 1 : 0;
    const op = pick(b, ['ReduceMean', 'ReduceSum']);
    const inputs = [name, ...(op === 'ReduceSum' ? [integers(b, [axis])] : [])];
    const attributes = { keepdims, ...(op === 'ReduceMean' && { axes: [axis] }) };
    const left = keepdims === 1 ? to(1) : shape.filter((_, i) => i !== at);
    return node(b, op, { inputs, shape: left, attributes });
  }
  if (way === 5) {
    const more = node(b, 'Unsqueeze', { inputs: [name, integers(b, [1])], shape: [1, ...shape] });
    const lengths = integers(b, [1, 2, ...shape.map(() => 1)]);
    const wide = node(b, 'Expand', { inputs: [more.name, lengths], shape: [2, ...shape] });
    return shape.length === 1
      ? wide
      : node(b, 'ReduceSum', { inputs: [wide.name, integers(b, [1])], shape, attributes: { keepdims: 0 } });
  }
  const op = pick(b, ['Sub', 'Div']);
  const inputs = [
    name,
    tensorOf(b, pick(b, [[length, ...shape.slice(at + 1).map(() => 1)], []]), () => 0.5 + b.random.uniform()),
  ];
  return node(b, op, { inputs: op === 'Sub' && chance(b, 0.5) ? inputs.reverse() : inputs, shape });
};

/** A map with larger or smaller sides. */
export const resized: Grow = (b, x) => {
  const [c, h, w] = x.shape;
  if (c * h * w > 8000) return undefined;
  if (chance(b, 0.4)) {
    const kernel = pick(b, [2, 3]);
    const filters = pick(b, [1, 4, 6]);
    const inputs = [x.name, weights(b, [c, filters, kernel, kernel], c * kernel)];
    const side = (length: number) => (length - 1) * 2 + kernel - 1;
    const attributes = { strides: [2, 2], pads: [1, 0, 0, 1], kernel_shape: [kernel, kernel] };
    return node(b, 'ConvTranspose', { inputs, shape: [filters, side(h), side(w)], attributes });
  }
  const scales = tensorOf(
    b,
    [4],
    (
      (i) => () =>
        [1, 1, 2, 1.5][i++]
    )(0),
  );
  const attributes = { mode: pick(b, ['nearest', 'linear', 'cubic']) };
  const shape = [c, h * 2, Math.floor(w * 1.5)];
  return node(b, 'Resize', { inputs: [x.name, '', scales], shape, attributes });
};

const residualSum: Grow = (b, x) => {
  const y = linear(b, x, x.shape[1]);
  return node(b, 'Add', { inputs: chance(b, 0.5) ? [x.name, y.name] : [y.name, x.name], shape: x.shape });
};

const softmax: Grow = (b, x) =>
  node(b, 'Softmax', {
    ...{ inputs: [x.name], shape: x.shape, attributes: { axis: pick(b, [-1, 1, x.shape.length]) } },
  });

/** The class token. */
const oneToken: Grow = (b, x) =>
  node(b, 'Gather', { inputs: [x.name, tensorInt(b, 0)], shape: [x.shape[1]], attributes: { axis: 1 } });

export const tokens: readonly Grow[] = [
  ...[dense, dense, layerNormalization, layerNormalization, attention, attention, attention, gelu, gelu],
  ...[smooth, smooth, moved, moved, moved, residualSum, softmax, toMap, oneToken],
];
