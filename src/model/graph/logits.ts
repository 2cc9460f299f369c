import { InputError } from '../../tensor/errors.ts';
import { type Graph, rowOf } from './graph.ts';

/** Where the logits are, and what the graph does to them at its end. */
export interface Logits {
  /** The tensor before a final softmax or sigmoid, or the output itself. */
  readonly tensor: string;
  readonly ending: 'none' | 'softmax' | 'sigmoid';
}

/** Walks back from the first output, through reshapes, to the input of a final Softmax, LogSoftmax or Sigmoid. */
export function findLogits(graph: Graph): Logits {
  const { data, producer } = graph;
  if (data.outputs.length === 0) throw new InputError('Cannot find the logits: the model has no output');
  const output = data.outputs[0].name;
  for (let tensor = output; ; ) {
    const node = producer.get(tensor);
    if (node === undefined) break;
    const row = rowOf(graph, node);
    if (row?.ending !== undefined) return { tensor: node.inputs[0], ending: row.ending };
    if (row?.moves !== 'renames') break;
    tensor = node.inputs[0];
  }
  return { tensor: output, ending: 'none' };
}
