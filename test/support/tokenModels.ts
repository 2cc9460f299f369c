import type { Attributes, GraphNode, ModelData, StoredTensor } from '../../src/model/data/format.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { floats, integers, makeModel, parseNode } from './makeModel.ts';

/** Networks in miniature whose layers are tokens, windows of cells, or cells with their channels last. */

/** Nodes, and the constants that they read, of a seed. */
function createParts(seed: number) {
  const random = createRandom(seed);
  const nodes: GraphNode[] = [];
  const tensors: Record<string, StoredTensor> = {};
  return {
    nodes,
    tensors,
    add(line: string, attributes: Attributes = {}) {
      nodes.push(parseNode(line, attributes));
    },
    weights(name: string, ...shape: number[]) {
      tensors[name] = floats(
        shape,
        Array.from({ length: sizeOf(shape) }, () => 0.4 * random.normal()),
      );
    },
    integers(name: string, values: readonly number[]) {
      tensors[name] = integers(values);
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** y of x [1, T, C]: one node, or what exporters made of it before there was one. */
function addNormalization(parts: Parts, x: string, { to, inMany }: { to: string; inMany: boolean }): void {
  if (!inMany) {
    parts.add(`LayerNormalization ${x} scale bias > ${to}`, { axis: -1 });
    return;
  }
  parts.add(`ReduceMean ${x} > ${to}.mean`, { axes: [-1] });
  parts.add(`Sub ${x} ${to}.mean > ${to}.centred`);
  parts.add(`Mul ${to}.centred ${to}.centred > ${to}.square`);
  parts.add(`ReduceMean ${to}.square > ${to}.variance`, { axes: [-1] });
  parts.add(`Add ${to}.variance epsilon > ${to}.positive`);
  parts.add(`Sqrt ${to}.positive > ${to}.deviation`);
  parts.add(`Div ${to}.centred ${to}.deviation > ${to}.normal`);
  parts.add(`Mul ${to}.normal scale > ${to}.scaled`);
  parts.add(`Add ${to}.scaled bias > ${to}`);
}

/** One block of a transformer: what tokens see of each other, then each alone. */
function addBlock(parts: Parts, x: string, { to, inMany }: { to: string; inMany: boolean }): void {
  for (const each of ['q', 'k', 'v']) parts.weights(`${to}.${each}`, 4, 4);
  parts.weights(`${to}.in`, 4, 8);
  parts.weights(`${to}.out`, 8, 4);
  addNormalization(parts, x, { to: `${to}.norm1`, inMany });
  for (const each of ['q', 'k', 'v']) parts.add(`MatMul ${to}.norm1 ${to}.${each} > ${to}.${each}s`);
  parts.add(`Transpose ${to}.ks > ${to}.turned`, { perm: [0, 2, 1] });
  parts.add(`MatMul ${to}.qs ${to}.turned > ${to}.scores`);
  parts.add(`Softmax ${to}.scores > ${to}.weights`, { axis: -1 });
  parts.add(`MatMul ${to}.weights ${to}.vs > ${to}.attention`);
  parts.add(`Add ${x} ${to}.attention > ${to}.between`);
  addNormalization(parts, `${to}.between`, { to: `${to}.norm2`, inMany });
  parts.add(`MatMul ${to}.norm2 ${to}.in > ${to}.wide`);
  parts.add(`Relu ${to}.wide > ${to}.gated`);
  parts.add(`MatMul ${to}.gated ${to}.out > ${to}.narrow`);
  parts.add(`Add ${to}.between ${to}.narrow > ${to}`);
}

function addShared(parts: Parts): void {
  parts.weights('scale', 4);
  parts.weights('bias', 4);
  parts.weights('fc', 4, 5);
  parts.tensors.epsilon = floats([1], [1e-5]);
}

/** How a transformer is made. */
export interface TransformerOptions {
  /** What its classes read: the class token, or the mean of all others. */
  readonly reads: 'token' | 'mean';
  /** Whether normalizations are nodes of their own, or many. */
  readonly inMany?: boolean;
  /** Length of the first axis as the file has it. */
  readonly batch?: number | string;
}

/** A vision transformer: patches of 2×2 of an image [1, 3, 6, 8] as 12 tokens behind one of its own, two blocks, 5 classes. */
export function transformer({ reads, inMany = false, batch = 1 }: TransformerOptions): ModelData {
  const parts = createParts(3);
  addShared(parts);
  parts.weights('patch', 4, 3, 2, 2);
  parts.weights('token', 1, 1, 4);
  parts.weights('position', 1, 13, 4);
  parts.integers('tokens', [0, 4, -1]);
  parts.add('Conv x patch > patches', { kernel_shape: [2, 2], strides: [2, 2] });
  parts.add('Reshape patches tokens > row');
  parts.add('Transpose row > cells', { perm: [0, 2, 1] });
  if (batch === 1) parts.add('Identity token > first');
  else {
    // As exporters write it for a batch of any size: the token is spread over a shape that is read from the image.
    parts.integers('zero', [0]);
    parts.integers('rest', [1, 4]);
    parts.add('Shape cells > shape');
    parts.add('Gather shape zero > images', { axis: 0 });
    parts.add('Concat images rest > spread', { axis: 0 });
    parts.add('Expand token spread > first');
  }
  parts.add('Concat first cells > all', { axis: 1 });
  parts.add('Add all position > block0');
  addBlock(parts, 'block0', { to: 'block1', inMany });
  addBlock(parts, 'block1', { to: 'block2', inMany });
  addNormalization(parts, 'block2', { to: 'norm', inMany });
  if (reads === 'token') {
    parts.tensors.index = { ...integers([0]), shape: [] };
    parts.add('Gather norm index > read', { axis: 1 });
  } else {
    parts.integers('from', [1]);
    parts.integers('to', [13]);
    parts.integers('axis', [1]);
    parts.add('Slice norm from to axis > others');
    parts.add('ReduceMean others > read', { axes: [1], keepdims: 0 });
  }
  parts.add('Gemm read fc > z');
  return makeModel({
    inputs: { x: [batch, 3, 6, 8] },
    outputs: ['z'],
    nodes: parts.nodes,
    tensors: parts.tensors,
  });
}

/** Cells with channels last in windows of 2×3, rolled by one, each seen alone, and put back: a block of a Swin transformer. */
export function windows({ putBack = true } = {}): ModelData {
  const parts = createParts(4);
  addShared(parts);
  parts.weights('stem', 4, 3, 2, 2);
  const lists = {
    ...{ split: [1, 2, 2, 2, 3, 4], windows: [4, 6, 4], parts: [1, 2, 2, 2, 3, 4], cells: [1, 4, 6, 4] },
    ...{ one: [1], none: [0], end: [99], rows: [1] },
  };
  for (const [name, values] of Object.entries(lists)) parts.integers(name, values);
  const roll = (x: string, to: string, [a, b]: readonly [string, string]) => {
    parts.add(`Slice ${x} ${a} end rows > ${to}.a`);
    parts.add(`Slice ${x} none ${b} rows > ${to}.b`);
    parts.add(`Concat ${to}.a ${to}.b > ${to}`, { axis: 1 });
  };
  parts.integers('last', [-1]);
  parts.add('Conv x stem > map', { kernel_shape: [2, 2], strides: [2, 2] });
  parts.add('Transpose map > start', { perm: [0, 2, 3, 1] });
  roll('start', 'rolled', ['one', 'one']);
  parts.add('Reshape rolled split > grid');
  parts.add('Transpose grid > ordered', { perm: [0, 1, 3, 2, 4, 5] });
  parts.add('Reshape ordered windows > tokens');
  parts.weights('mix', 4, 4);
  parts.add('MatMul tokens mix > mixed');
  parts.add('Transpose tokens > turned', { perm: [0, 2, 1] });
  parts.add('MatMul mixed turned > scores');
  parts.add('Softmax scores > weights', { axis: -1 });
  parts.add('MatMul weights mixed > seen');
  parts.add('Reshape seen parts > apart');
  parts.add('Transpose apart > together', { perm: putBack ? [0, 1, 3, 2, 4, 5] : [0, 1, 2, 3, 4, 5] });
  parts.add('Reshape together cells > whole');
  roll('whole', 'back', ['last', 'last']);
  parts.add('Add start back > sum');
  parts.add('LayerNormalization sum scale bias > norm', { axis: -1 });
  parts.add('Transpose norm > turnedBack', { perm: [0, 3, 1, 2] });
  parts.add('GlobalAveragePool turnedBack > pooled');
  parts.add('Flatten pooled > read');
  parts.add('Gemm read fc > z');
  return makeModel({
    inputs: { x: [1, 3, 8, 12] },
    outputs: ['z'],
    nodes: parts.nodes,
    tensors: parts.tensors,
  });
}
