import { createGraph, nodesFor } from '../../model/graph/graph.ts';
import { createModel, type Model } from '../../model/model.ts';
import { type Shape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor, zeros } from '../../tensor/tensor.ts';

/** Where the entries of an output come from: tensors, and for each entry its row-major place in all of them, one behind the other. */
export interface Sources {
  readonly tensors: readonly { readonly name: string; readonly size: number }[];
  /** −1 for an entry that is in none of them. */
  readonly places: Float64Array;
}

/** Operators that only say where entries go, or turn each logit into a probability. */
const moving = new Set([
  ...['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Identity', 'Cast'],
  ...['Concat', 'Split', 'Slice', 'Gather'],
]);
const endings = new Set(['Sigmoid', 'Softmax']);
/** Those all of whose inputs are entries; of the others the first is. */
const joining = new Set(['Concat']);

/** The tensors that the entries of an output are moved from, through one sigmoid or softmax at most. */
function frontierOf(model: Model, output: string, constants: ReadonlySet<string>): Set<string> {
  const { producer } = createGraph(model.data);
  const found = new Set<string>();
  const seen = new Set<string>();
  const left = [{ name: output, ended: false }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { name, ended } = next;
    const node = producer.get(name);
    if (constants.has(name) || seen.has(`${name} ${ended}`)) continue;
    seen.add(`${name} ${ended}`);
    const ends = node !== undefined && endings.has(node.op);
    if (node === undefined || !(moving.has(node.op) || (ends && !ended))) {
      found.add(name);
      continue;
    }
    const inputs = joining.has(node.op) ? node.inputs : node.inputs.slice(0, 1);
    for (const input of inputs) left.push({ name: input, ended: ended || ends });
  }
  return found;
}

/**
 * Follows the entries of an output back to the tensors that they are moved from: the tail of the network is run on places instead of values,
 * its sigmoids and softmaxes left out.
 */
export async function sourcesOf(model: Model, output: string): Promise<Sources> {
  const { data } = model;
  const constants = new Set(data.tensors.keys());
  const frontier = frontierOf(model, output, constants);
  const shapes = new Map(model.layers.map(({ tensor, shape }) => [tensor, shape]));
  const graph = createGraph(data);
  // Several outputs of one node, as of Split, are no first outputs of layers: their shapes are not listed.
  const known = [...frontier].flatMap((name) => {
    const shape: Shape | undefined = name === model.inputs[0].name ? model.inputShape : shapes.get(name);
    return shape === undefined ? [] : [{ name, shape, size: sizeOf(shape) }];
  });
  const given = new Set(known.map(({ name }) => name));
  const nodes = nodesFor(graph, [output], given).map((node) =>
    endings.has(node.op) && !given.has(node.outputs[0]) ? { ...node, op: 'Identity', attributes: {} } : node,
  );
  const image = model.inputs[0];
  const inputs = [
    ...(given.has(image.name) ? [] : [image]),
    ...known.map(({ name, shape }) => ({ name, shape, dtype: 'float32' as const })),
  ];
  const tail = createModel({ ...data, nodes, inputs, outputs: [{ name: output, dtype: 'float32' }] });
  const values: Record<string, Tensor> = { [image.name]: zeros(model.inputShape) };
  let offset = 1;
  for (const { name, shape, size } of known) {
    values[name] = fromData(
      Float64Array.from({ length: size }, (_, i) => offset + i),
      shape,
    );
    offset += size;
  }
  const places = contiguous((await tail.run(values, { precision: 'float64' }))[output]).data;
  return {
    tensors: known.map(({ name, size }) => ({ name, size })),
    places: Float64Array.from(places, (place) => (Number.isInteger(place) && place >= 1 ? place - 1 : -1)),
  };
}
