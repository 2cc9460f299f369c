import { norm } from '../../autodiff/norm.ts';
import {
  add,
  div,
  exp,
  log,
  mul,
  neg,
  reshape,
  sigmoid,
  sub,
  sum,
  takeAt,
} from '../../autodiff/operations.ts';
import { mean } from '../../autodiff/reducing.ts';
import { slice } from '../../autodiff/selecting.ts';
import { concrete } from '../../autodiff/trace.ts';
import { softmax } from '../../layers/softmax.ts';
import { InputError } from '../../tensor/errors.ts';
import { indexOfLargest } from '../../tensor/largest.ts';
import { formatShape, normalizeAxis, sizeOf } from '../../tensor/shape.ts';
import { contiguous, full, type Tensor } from '../../tensor/tensor.ts';
import type { Call, Expression, Operator, Place } from './expression.ts';
import { failAt } from './tokens.ts';

/** What an expression is computed with. */
export interface Environment {
  readonly text: string;
  valueOf(name: string): Tensor | undefined;
  /** The array or the mask of a file, for a value of such a shape. */
  fileOf(call: Call, shape: readonly number[]): Tensor;
  /** Row-major places of what is largest, by the node that chooses: made where they are not there yet, and held after that. */
  readonly choices: Map<Expression, Int32Array>;
}

const binary: Readonly<Record<Operator, (x: Tensor, y: Tensor) => Tensor>> = {
  '+': add,
  '-': sub,
  '*': mul,
  '/': div,
};

/** Places of the largest entries: of all, or of each line along an axis. */
function largestIn(x: Tensor, axis: number | undefined): Int32Array {
  const { data } = contiguous(concrete(x));
  if (axis === undefined) return Int32Array.of(indexOfLargest(data));
  const length = x.shape[axis];
  const inner = sizeOf(x.shape.slice(axis + 1));
  const found = new Int32Array(data.length / Math.max(1, length));
  for (let line = 0; line < found.length; line++) {
    const first = Math.floor(line / inner) * inner * length + (line % inner);
    const values = Float64Array.from({ length }, (_, i) => data[first + i * inner]);
    found[line] = first + indexOfLargest(values) * inner;
  }
  return found;
}

/** The places that a node chooses: those of the clean picture, which is the first that it sees. */
function chosenBy(node: Expression, find: () => Int32Array, { text, choices }: Environment): Int32Array {
  const places = choices.get(node) ?? find();
  if (places.some((place) => place < 0)) failAt(text, node.at, 'there is nothing to choose from, or NaN');
  choices.set(node, places);
  return places;
}

function maxOf(x: Tensor, node: Expression & Call, environment: Environment): Tensor {
  const axis = node.axis === undefined ? undefined : normalizeAxis(node.axis, x.shape.length, 'take max');
  const places = chosenBy(node, () => largestIn(x, axis), environment);
  return takeAt(x, places, axis === undefined ? [] : x.shape.filter((_, i) => i !== axis));
}

/** x and the array of a file, of as many entries. */
function besideFile(x: Tensor, node: Expression & Call, environment: Environment): [Tensor, Tensor] {
  const y = environment.fileOf(node, x.shape);
  if (sizeOf(y.shape) !== sizeOf(x.shape)) {
    failAt(
      environment.text,
      node.at,
      `${node.name} wants as many entries in both, got ${formatShape(x.shape)} and ${formatShape(y.shape)} of ${node.file}`,
    );
  }
  return [reshape(x, [-1]), reshape(y, [-1])];
}

/** The entries of x [..., h, w] under a mask [h, w], as [..., n]. */
function under(x: Tensor, node: Expression & Call, environment: Environment): Tensor {
  const [h, w] = x.shape.slice(-2);
  if (w === undefined)
    failAt(environment.text, node.at, `where wants [..., h, w], got ${formatShape(x.shape)}`);
  const mask = contiguous(environment.fileOf(node, x.shape)).data;
  const places: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] > 0) places.push(i);
  if (places.length === 0) failAt(environment.text, node.at, `the mask ${node.file} is empty at ${h} × ${w}`);
  const lead = x.shape.slice(0, -2);
  const index = Array.from({ length: sizeOf(lead) }, (_, i) => places.map((place) => i * h * w + place));
  return takeAt(x, index.flat(), [...lead, places.length]);
}

const axesOf = ({ axis }: Call) => axis;

const calls: Readonly<
  Record<Call['name'], (x: Tensor, node: Expression & Call, environment: Environment) => Tensor>
> = {
  sum: (x, node) => sum(x, axesOf(node)),
  mean: (x, node) => mean(x, axesOf(node)),
  max: maxOf,
  argmax: (x, node, environment) => full([], chosenBy(node, () => largestIn(x, undefined), environment)[0]),
  exp: (x) => exp(x),
  log: (x) => log(x),
  sigmoid: (x) => sigmoid(x),
  softmax: (x, { axis }) => softmax(x, axis),
  dot: (x, node, environment) => {
    const [a, b] = besideFile(x, node, environment);
    return sum(mul(a, b));
  },
  cosine: (x, node, environment) => {
    const [a, b] = besideFile(x, node, environment);
    return div(sum(mul(a, b)), mul(norm(a), norm(b)));
  },
  where: under,
};

/** x[…]: entries take their axis away, ranges leave it. */
function indexed(x: Tensor, places: readonly Place[], environment: Environment): Tensor {
  const { text } = environment;
  let axis = 0;
  let y = x;
  for (const place of places) {
    const length = y.shape[axis];
    const where = place.kind === 'chosen' ? place.by.at : place.at;
    if (length === undefined) {
      failAt(text, where, `${formatShape(x.shape)} has ${x.shape.length} axes, not ${places.length}`);
    }
    const check = (index: number, most: number) => {
      if (index >= -length && index <= most) return;
      failAt(text, where, `${index} is out of range for the length ${length} of ${formatShape(x.shape)}`);
    };
    if (place.kind === 'range') {
      const { from = 0, to = length } = place;
      check(from, length);
      check(to, length);
      y = slice(y, { axis, start: from, end: to });
      if (y.shape[axis] === 0) failAt(text, where, `the range ${from}:${to} is empty`);
      axis++;
    } else {
      const entry =
        place.kind === 'entry' ? place.entry : contiguous(concrete(evaluate(place.by, environment))).data[0];
      check(entry, length - 1);
      const start = entry < 0 ? entry + length : entry;
      const line = slice(y, { axis, start, end: start + 1 });
      y = reshape(
        line,
        line.shape.filter((_, i) => i !== axis),
      );
    }
  }
  return y;
}

/** The value of an expression: differentiable in what it reads, its choices held. @throws InputError naming the place. */
export function evaluate(node: Expression, environment: Environment): Tensor {
  const { text } = environment;
  switch (node.kind) {
    case 'number':
      return full([], node.value);
    case 'name':
      return environment.valueOf(node.name) ?? failAt(text, node.at, `there is no ${node.name}`);
    case 'negative':
      return neg(evaluate(node.of, environment));
    case 'index':
      return indexed(evaluate(node.of, environment), node.places, environment);
    case 'binary': {
      const [x, y] = [evaluate(node.left, environment), evaluate(node.right, environment)];
      return placed(node, text, () => binary[node.operator](x, y));
    }
    case 'call': {
      const x = evaluate(node.of, environment);
      return placed(node, text, () => calls[node.name](x, node, environment));
    }
  }
}

/** What an operation refuses, with its place. */
function placed(node: Expression, text: string, compute: () => Tensor): Tensor {
  try {
    return compute();
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith('Cannot read the score')) throw error;
    return failAt(text, node.at, error.message.replace(/^Cannot /, 'cannot '));
  }
}

/** All nodes of a tree, in the order of the text. */
export function nodesOf(tree: Expression): Expression[] {
  const found: Expression[] = [];
  const left = [tree];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    found.push(node);
    if (node.kind === 'negative' || node.kind === 'call') left.push(node.of);
    else if (node.kind === 'binary') left.push(node.right, node.left);
    else if (node.kind === 'index') {
      for (const place of node.places) if (place.kind === 'chosen') left.push(place.by);
      left.push(node.of);
    }
  }
  return found.sort((a, b) => a.at - b.at);
}
