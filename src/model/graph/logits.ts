import { InputError, ShapeError } from '../../tensor/errors.ts';
import { formatShape, type Shape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, type Tensor } from '../../tensor/tensor.ts';
import type { GraphNode } from '../data/format.ts';
import { descendantsOf, describeNode, type Graph, rowOf } from './graph.ts';

/** Where the logits are, and what the graph does to them at its end. */
export interface Logits {
  /** The tensor before a final softmax or sigmoid, or the output itself. */
  readonly tensor: string;
  readonly ending: 'none' | 'softmax' | 'sigmoid';
}

/** A graph, and what is known of its tensors without an image. */
export interface LogitsSearch {
  readonly graph: Graph;
  /** Shapes by name, as far as they are known. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly constants: ReadonlyMap<string, { readonly tensor: Tensor }>;
}

/** What an output says, followed back to the logits that it was made of. */
interface Answer extends Logits {
  readonly output: string;
  /** A node that changes the order of what a softmax or a sigmoid gives, so that its logits are not those of the output. */
  readonly distortion?: GraphNode;
}

/** The input of a node that is no constant, where there is one, and the values of the other. */
function beside({ inputs }: GraphNode, { constants }: LogitsSearch) {
  const given = inputs.filter((input) => input !== '');
  const varying = given.filter((input) => !constants.has(input));
  if (varying.length !== 1) return undefined;
  const constant = constants.get(given.find((input) => constants.has(input)) ?? '')?.tensor;
  return { input: varying[0], isFirst: given[0] === varying[0], constant };
}

/** Whether a node multiplies by one number above 0, or takes the logarithm: what is largest stays so. */
function keepsOrder({ op }: GraphNode, constant: Tensor | undefined, isFirst: boolean): boolean {
  if (op === 'Log') return true;
  if (constant === undefined || !(op === 'Mul' || (op === 'Div' && isFirst))) return false;
  const { data } = contiguous(constant);
  return data.every((value) => value === data[0] && value > 0);
}

/**
 * Walks back from an output through renamed entries, ArgMax, logarithms and multiples, to the input of a final Softmax, LogSoftmax or
 * Sigmoid. Where there is none, the output itself or what ArgMax reads is the answer.
 */
function answerOf(output: string, search: LogitsSearch): Answer {
  const { producer } = search.graph;
  let own = output;
  let distortion: GraphNode | undefined;
  for (let at = output; ; ) {
    const node = producer.get(at);
    const row = node && rowOf(search.graph, node);
    if (node === undefined || row === undefined) break;
    if (row.ending !== undefined) {
      return { output, tensor: node.inputs[0], ending: row.ending, ...(distortion && { distortion }) };
    }
    if (row.picks === true) own = node.inputs[0];
    if (row.picks === true || row.moves === 'renames') {
      at = node.inputs[0];
      continue;
    }
    const one = row.sees === 'cell' ? beside(node, search) : undefined;
    if (one === undefined || (row.affine === undefined && node.op !== 'Log')) break;
    if (!keepsOrder(node, one.constant, one.isFirst)) distortion = node;
    at = one.input;
  }
  return { output, tensor: own, ending: 'none' };
}

/** Whether one number for each of m classes: of the axes behind that of the images only one is longer than 1. */
export function areLogits(shape: Shape): boolean {
  const own = shape.length > 1 ? shape.slice(1) : shape;
  return own.filter((length) => length !== 1).length <= 1;
}

const shapeText = (name: string, shapes: LogitsSearch['shapes']): string => {
  const shape = shapes.get(name);
  return shape === undefined ? name : `${name} ${formatShape(shape)}`;
};

/** The outputs with their shapes, for messages. */
function listOutputs({ graph, shapes }: Pick<LogitsSearch, 'graph' | 'shapes'>): string {
  return graph.data.outputs.map(({ name }) => shapeText(name, shapes)).join(', ');
}

/** What else can be asked where there are no logits [1, m]. */
const otherScores =
  'give a score of it, as an expression such as "output[0, 3]", or class:C of a detector, pixels:C of a segmentation (--score)';

/** @throws ShapeError, InputError for an answer that is not one logit for each class. */
function checked(answer: Answer, { shapes }: LogitsSearch): Logits {
  const { output, tensor, ending, distortion } = answer;
  const shape = shapes.get(tensor);
  if (shape !== undefined && !areLogits(shape)) {
    throw new ShapeError(
      `Cannot take ${shapeText(output, shapes)} for the logits of classes: [1, m] is wanted; ${otherScores}`,
    );
  }
  if (distortion !== undefined) {
    throw new InputError(
      `Cannot take ${shapeText(output, shapes)} for the logits of classes: ${describeNode(distortion)} changes what its ${ending} gives; name what is meant by output (--output), such as ${tensor}`,
    );
  }
  return { tensor, ending };
}

/** The answer of an output, or of any other tensor, by name. */
function named(name: string, search: LogitsSearch): Logits {
  const { graph, shapes } = search;
  if (!graph.producer.has(name)) {
    throw new InputError(
      `Cannot find the output ${name} in ${graph.data.name}: it has ${listOutputs({ graph, shapes })}`,
    );
  }
  const isOutput = graph.data.outputs.some((output) => output.name === name);
  return checked(isOutput ? answerOf(name, search) : { output: name, tensor: name, ending: 'none' }, search);
}

/** Those of several answers that may be meant: of classes, and no step on the way to another of them. */
function chooseAmong(answers: readonly Answer[], { graph, shapes }: LogitsSearch): readonly Answer[] {
  const possible = answers.filter(({ tensor }) => areLogits(shapes.get(tensor) ?? []));
  const labelled = possible.filter(
    ({ tensor }) => sizeOf(shapes.get(tensor) ?? []) === graph.data.labels?.length,
  );
  if (labelled.length === 1) return labelled;
  const last = possible.filter(({ tensor }) => {
    const behind = descendantsOf(graph, [tensor]);
    return possible.every((other) => other.tensor === tensor || !behind.has(other.tensor));
  });
  const before = possible.filter((each) => !last.includes(each));
  const isEnd = ({ tensor }: Answer) =>
    before.every((other) => descendantsOf(graph, [other.tensor]).has(tensor));
  return last.length === 1 && last.every(isEnd) ? last : possible;
}

/**
 * The logits of a graph: those of the output by that name, else of its only output, else of the one among several that its structure tells
 * apart: what is no feature map, what others lead to, what has as many entries as there are labels.
 * @throws InputError, ShapeError naming the outputs where it does not.
 */
export function findLogits(search: LogitsSearch, output?: string): Logits {
  const { data } = search.graph;
  if (output !== undefined) return named(output, search);
  if (data.outputs.length === 0) throw new InputError('Cannot find the logits: the model has no output');
  const answers = new Map<string, Answer>();
  for (const { name } of data.outputs) {
    const answer = answerOf(name, search);
    const before = answers.get(answer.tensor);
    if (before === undefined || before.ending === 'none') answers.set(answer.tensor, answer);
  }
  const all = [...answers.values()];
  if (all.length === 1) return checked(all[0], search);
  const among = chooseAmong(all, search);
  if (among.length === 1) return checked(among[0], search);
  throw new InputError(
    `Cannot tell which output of ${data.name} is the logits of classes: it has ${listOutputs(search)}; name one by output (--output), or ${otherScores}`,
  );
}
