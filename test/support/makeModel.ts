import type {
  Attributes,
  ElementType,
  GraphNode,
  ModelData,
  StoredTensor,
} from '../../src/model/data/format.ts';

/** A node by what it reads and writes, 'Conv x w > y'; _ stands for an input that is absent. */
export function parseNode(line: string, attributes: Attributes = {}): GraphNode {
  const [left, right] = line.split(' > ');
  const [op, ...inputs] = left.split(' ');
  return {
    name: line,
    op,
    inputs: inputs.map((name) => (name === '_' ? '' : name)),
    outputs: right.split(' '),
    attributes,
  };
}

export function floats(shape: readonly number[], values: Iterable<number>): StoredTensor {
  return { dtype: 'float32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

export function integers(values: readonly number[]): StoredTensor {
  const data = BigInt64Array.from(values, BigInt);
  return { dtype: 'int64', shape: [values.length], bytes: new Uint8Array(data.buffer) };
}

export interface Parts {
  /** Shapes by name; all float32 unless in `types`. */
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly types?: Readonly<Record<string, ElementType>>;
  readonly outputs: readonly string[];
  readonly nodes: readonly (string | GraphNode)[];
  readonly tensors?: Readonly<Record<string, StoredTensor>>;
}

/** A model of a few nodes. */
export function makeModel({ inputs, types = {}, outputs, nodes, tensors = {} }: Parts): ModelData {
  return {
    name: 'test',
    inputs: Object.entries(inputs).map(([name, shape]) => ({ name, shape, dtype: types[name] ?? 'float32' })),
    outputs: outputs.map((name) => ({ name, dtype: 'float32' })),
    nodes: nodes.map((line) => (typeof line === 'string' ? parseNode(line) : line)),
    tensors: new Map(Object.entries(tensors)),
    source: { opset: 17, producer: 'test' },
  };
}
