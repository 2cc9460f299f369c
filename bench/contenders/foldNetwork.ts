import type { GraphNode, ModelData } from '../../src/model/data/format.ts';

/** A node with what follows it folded in: BatchNormalization into the weights of a convolution, a rectifier behind it. */
export interface FoldedNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: GraphNode['attributes'];
  readonly weights?: Weights;
  readonly activation?: 'relu' | 'relu6';
}

export interface Weights {
  readonly values: Float32Array;
  /** [filters, channels/group, height, width], or [width, features]. */
  readonly shape: readonly number[];
  readonly bias: Float32Array;
}

type Constants = (name: string) => Float32Array;

/** w · s and (b − mean) · s + bias, s = scale / √(variance + ε), per filter. */
function foldNormalization({ values, shape, bias }: Weights, node: GraphNode, constant: Constants): Weights {
  const [scale, shift, mean, variance] = node.inputs.slice(1).map(constant);
  const factor = scale.map((value, i) => value / Math.sqrt(variance[i] + Number(node.attributes.epsilon)));
  const size = values.length / shape[0];
  return {
    shape,
    values: values.map((value, i) => value * factor[Math.floor(i / size)]),
    bias: bias.map((value, i) => (value - mean[i]) * factor[i] + shift[i]),
  };
}

function activationOf({ op, inputs }: GraphNode, constant: Constants): FoldedNode['activation'] {
  if (op === 'Relu') return 'relu';
  const isRelu6 = op === 'Clip' && constant(inputs[1])[0] === 0 && constant(inputs[2])[0] === 6;
  return isRelu6 ? 'relu6' : undefined;
}

/** A network as converters hand it to a runtime that folds nothing by itself. */
export function foldNetwork({ nodes, tensors }: ModelData): FoldedNode[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes)
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const constant: Constants = (name) => {
    const { bytes } = tensors.get(name) as { bytes: Uint8Array };
    return new Float32Array(new Uint8Array(bytes).buffer);
  };
  const onlyReader = (output: string) => {
    const found = readers.get(output) ?? [];
    return found.length === 1 ? found[0] : undefined;
  };
  const done = new Set<GraphNode>();
  return nodes.flatMap((node) => {
    if (done.has(node)) return [];
    const { op, inputs, attributes } = node;
    let output = node.outputs[0];
    const swallow = (next: GraphNode) => {
      done.add(next);
      output = next.outputs[0];
    };
    let weights: Weights | undefined;
    if (op === 'Conv' || op === 'Gemm') {
      const { shape } = tensors.get(inputs[1]) as { shape: readonly number[] };
      const bias = inputs[2] === undefined ? new Float32Array(shape[0]) : constant(inputs[2]);
      weights = { values: constant(inputs[1]), shape, bias };
      const next = onlyReader(output);
      if (next?.op === 'BatchNormalization') {
        weights = foldNormalization(weights, next, constant);
        swallow(next);
      }
    }
    const next = weights && onlyReader(output);
    const activation = next && activationOf(next, constant);
    if (next && activation) swallow(next);
    const data = inputs.filter((name) => !tensors.has(name));
    return [
      {
        op,
        inputs: data,
        output,
        attributes,
        ...(weights && { weights }),
        ...(activation && { activation }),
      },
    ];
  });
}
