import type { Steps } from '../../tensor/drive.ts';
import type { Transposed } from '../../tensor/kernels/matmul.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, full, type Tensor } from '../../tensor/tensor.ts';
import { add } from '../operations.ts';
import { addRow, mulRow, negRow, subRow } from '../primitives/arithmetic.ts';
import { matmulRow } from '../primitives/products.ts';
import { broadcastRow, reshapeRow, sumRow } from '../primitives/shaping.ts';
import { isNode, type Operation, pullInput, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import type { Structure } from './structure.ts';

/** NaN at the entries that the output depends on, as a cotangent of NaN spreads; or all of them. */
export type Marks = Tensor | 'all';

/** What takes a cotangent that is NaN everywhere to one that is NaN everywhere, whatever it is multiplied by. */
const spreading: ReadonlySet<unknown> = new Set([
  addRow,
  subRow,
  negRow,
  mulRow,
  reshapeRow,
  broadcastRow,
  sumRow,
  matmulRow,
]);

const spreads = ({ primitive }: Operation): boolean =>
  primitive.kind === 'elementwise' || spreading.has(primitive);

const marksEach = (marks: Tensor): boolean => contiguous(marks).data.every((g) => Number.isNaN(g));

/** Rows times a matrix, backwards: a row in which anything is marked is marked, since 0 · NaN is NaN. */
function throughProduct({ attributes, values }: Operation, g: Tensor): Tensor | undefined {
  const { shape } = values[0];
  const outer = shape.slice(0, -1);
  const isRows = (attributes as Transposed).left !== true && sameShape(outer, g.shape.slice(0, -1));
  if (!isRows) return undefined;
  const [depth, columns] = [shape[shape.length - 1], g.shape[g.shape.length - 1]];
  const { data } = contiguous(g);
  const out = new Float64Array(sizeOf(shape));
  for (let row = 0, base = 0; row * depth < out.length; row++, base += columns) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += data[base + j];
    if (Number.isNaN(sum)) out.fill(Number.NaN, row * depth, (row + 1) * depth);
  }
  return fromData(out, shape);
}

/** The marks of an operation's input. */
function through(node: TapeNode, marks: Marks, index: number): Marks {
  const operation = node.operation as Operation;
  const { shape, dtype } = node.value;
  if (marks === 'all' && spreads(operation) && sizeOf(shape) > 0) return 'all';
  const g = marks === 'all' ? full(shape, Number.NaN, dtype) : marks;
  const isProduct = operation.primitive === (matmulRow as unknown) && index === 0;
  const found = (isProduct ? throughProduct(operation, g) : undefined) ?? pullInput(node, g, index);
  const own = concrete(found);
  return sizeOf(own.shape) > 0 && marksEach(own) ? 'all' : own;
}

/**
 * The entries of every node that the output depends on: what a cotangent of NaN becomes, which spreads along every path and stops
 * where a choice (a pool's loser, an inactive unit) cuts it. Where all of a node is reached nothing is computed.
 */
export function* marksOf({ tape: { nodes }, output }: Structure): Steps<(Marks | undefined)[]> {
  const held = new Array<Marks | undefined>(nodes.length).fill(undefined);
  held[output.index] = 'all';
  for (let index = output.index; index >= 0; index--) {
    const marks = held[index];
    const { operation } = nodes[index];
    if (marks === undefined || operation === undefined) continue;
    for (const [i, input] of operation.inputs.entries()) {
      if (!isNode(input)) continue;
      const own = through(nodes[index], marks, i);
      const before = held[input.index];
      if (before === undefined || own === 'all') held[input.index] = own;
      else if (before !== 'all') held[input.index] = add(before, own);
    }
    yield 1 - index / nodes.length;
  }
  return held;
}
