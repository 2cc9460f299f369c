import { reshape } from '../../autodiff/operations.ts';
import type { Model } from '../../model/model.ts';
import { formatShape, type Shape, sizeOf } from '../../tensor/shape.ts';
import { type Tensor, zeros } from '../../tensor/tensor.ts';
import type { OutputScore, Outputs } from '../question.ts';
import { type Environment, evaluate, nodesOf } from './evaluate.ts';
import type { Call, Expression } from './expression.ts';
import { parseExpression } from './parseExpression.ts';
import { failAt } from './tokens.ts';

/** Reads what expressions name. */
export interface FileReader {
  /** An array of any shape. */
  array(path: string): Tensor;
  /** A mask of 0 and 1, [height, width]. */
  mask(path: string, height: number, width: number): Tensor;
}

/** Tensors by the names that an expression may give them: z the logits, `output` the only output. */
function tensorsOf(
  tree: Expression,
  model: Model,
  { text, output }: { text: string; output?: string | undefined },
) {
  const produced = new Set(model.data.nodes.flatMap(({ outputs }) => outputs));
  const names = new Map<string, string>();
  for (const node of nodesOf(tree)) {
    if (node.kind !== 'name' || names.has(node.name)) continue;
    const { name, at } = node;
    if (produced.has(name)) names.set(name, name);
    else if (name === 'z') names.set(name, model.findLogits(output).tensor);
    else if (name === 'output' && model.outputs.length === 1) names.set(name, model.outputs[0].name);
    else {
      const outputs = model.outputs.map((each) => each.name).join(', ');
      failAt(text, at, `there is no tensor ${name}; the outputs are ${outputs}, and z are the logits`);
    }
  }
  if (names.size === 0) failAt(text, tree.at, 'it reads no output of the model');
  return names;
}

/** Files are read once for each size that is wanted of them. */
function filesOf(files: FileReader): Environment['fileOf'] {
  const read = new Map<string, Tensor>();
  return ({ name, file = '' }: Call, shape) => {
    const [h, w] = shape.slice(-2);
    const key = name === 'where' ? `${file} ${h} ${w}` : file;
    const found = read.get(key) ?? (name === 'where' ? files.mask(file, h, w) : files.array(file));
    read.set(key, found);
    return found;
  };
}

/** What was chosen, by the text that chose it: the place in the value, one index for each axis where it is one. */
function choicesOf(text: string, { choices }: Environment): Record<string, unknown> {
  return Object.fromEntries(
    [...choices].map(([{ at, end }, places]) => [
      text.slice(at, end),
      places.length === 1 ? places[0] : Array.from(places),
    ]),
  );
}

function one(y: Tensor, tree: Expression, text: string): Tensor {
  if (sizeOf(y.shape) === 1) return reshape(y, []);
  return failAt(
    text,
    tree.at,
    `it gives ${formatShape(y.shape)}, one number is wanted; take one by an index, or sum, mean or max of them`,
  );
}

/**
 * A score written as an expression over a model's outputs: names of tensors, z for the logits, indices and ranges in brackets, + − * /,
 * sum, mean, max, exp, log, sigmoid, softmax(x, axis), dot and cosine(x, FILE.npy), where(x, MASK.png). What max and argmax choose is
 * chosen on the clean picture and held.
 * @throws InputError that names the place of what cannot be read, and where the expression gives no single number.
 */
export function expressionScore(
  text: string,
  model: Model,
  { files, output }: { readonly files: FileReader; readonly output?: string | undefined },
): OutputScore {
  const tree = parseExpression(text);
  const names = tensorsOf(tree, model, { text, output });
  const fileOf = filesOf(files);
  const environment = (outputs: Outputs, choices: Environment['choices']): Environment => ({
    ...{ text, choices, fileOf },
    valueOf: (name) => outputs[names.get(name) ?? ''],
  });
  const reads = [...new Set(names.values())];
  const value = (outputs: Outputs, choices: Environment['choices']) =>
    one(evaluate(tree, environment(outputs, choices)), tree, text);
  const shapes = new Map(model.layers.map(({ tensor, shape }) => [tensor, shape]));
  // Zeros show whether indices and shapes fit, before any picture is looked at.
  if (reads.every((name) => shapes.get(name) !== undefined)) {
    value(Object.fromEntries(reads.map((name) => [name, zeros(shapes.get(name) as Shape)])), new Map());
  }
  return {
    name: text,
    reads,
    at(clean) {
      const choices: Environment['choices'] = new Map();
      value(clean, choices);
      const made = choicesOf(text, environment(clean, choices));
      return {
        value: (outputs) => value(outputs, choices),
        ...(choices.size > 0 && { choices: made }),
      };
    },
  };
}
