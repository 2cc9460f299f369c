import { sizeOf } from '../../tensor/shape.ts';
import { isNode, type TapeNode } from '../tape.ts';
import { bends } from './fuse.ts';
import { costOf } from './structure.ts';

/** What something costs, by what does not depend on the machine. */
export interface Cost {
  /** Multiply-adds: those of products, and one for each value of other operations. */
  readonly multiplyAdds: number;
  /** Values that operations other than products go over, once for each pass. */
  readonly values: number;
}

/**
 * What an operation takes for a value that it reads, works out and writes to fresh memory, in multiply-adds of matrix products.
 * Fitted to jets and to blocks of the heads in docs/performance.md, of which each by itself asks for some 25 to 65.
 */
const VALUE = 30;

/** What a cost takes in all, in multiply-adds of matrix products: what ways are chosen by, and times predicted from. */
export const workOf = ({ multiplyAdds, values }: Cost): number => multiplyAdds + VALUE * values;

export const free: Cost = { multiplyAdds: 0, values: 0 };

export const plus = (a: Cost, b: Cost): Cost => ({
  multiplyAdds: a.multiplyAdds + b.multiplyAdds,
  values: a.values + b.values,
});

export const times = (count: number, { multiplyAdds, values }: Cost): Cost => ({
  multiplyAdds: count * multiplyAdds,
  values: count * values,
});

/** So many coefficients of an operation's output from those of its inputs, or one of a walk backwards. */
export function nodeCost(node: TapeNode, coefficients = 1): Cost {
  const { operation, value } = node;
  if (operation === undefined) return { multiplyAdds: 0, values: sizeOf(value.shape) };
  const multiplyAdds = coefficients * costOf(node);
  if (isProduct(node)) return { multiplyAdds, values: 0 };
  const most = operation.inputs.reduce(
    (size, x) => (isNode(x) ? Math.max(size, sizeOf(x.value.shape)) : size),
    sizeOf(value.shape),
  );
  // Coefficient k of what bends has a term for each of the lower ones.
  const passes = bends(operation) ? (coefficients * (coefficients + 1)) / 2 : coefficients;
  return { multiplyAdds, values: passes * most };
}

/** Whether a node is made by products, of which each value takes many multiply-adds. */
const isProduct = ({ operation }: TapeNode): boolean =>
  operation?.primitive.kind === 'bilinear' && operation.primitive.multiplyAdds !== undefined;
