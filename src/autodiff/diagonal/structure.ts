import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { KinkCounts } from '../primitive.ts';
import { isNode, type Operation, type Tape, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';

/** What a head looks like, as seen from the activation. */
export interface Structure {
  readonly tape: Tape;
  readonly root: TapeNode;
  readonly output: TapeNode;
  /** 1 for every node that the output depends on. */
  readonly used: Uint8Array;
  /** 1 for every node that depends piecewise-linearly on the root. */
  readonly linear: Uint8Array;
  /** The linear nodes whose values something nonlinear (or the output) reads. */
  readonly cut: readonly TapeNode[];
}

function ancestors(tape: Tape, output: TapeNode): Uint8Array {
  const used = new Uint8Array(tape.nodes.length);
  used[output.index] = 1;
  for (let index = output.index; index >= 0; index--) {
    if (used[index] === 0) continue;
    for (const input of tape.nodes[index].operation?.inputs ?? []) if (isNode(input)) used[input.index] = 1;
  }
  return used;
}

/** Whether an operation is (piecewise) linear in its inputs on the tape while its other inputs are fixed. */
export function isLinear({ primitive, inputs }: Operation): boolean {
  if (primitive.kind === 'linear' || primitive.kind === 'selection') return true;
  const varying = inputs.flatMap((input, i) => (isNode(input) ? [i] : []));
  if (primitive.kind === 'bilinear') return varying.length === 1;
  return varying.every((i) => primitive.linearIn?.includes(i) === true);
}

export function analyse(tape: Tape, output: TapeNode): Structure {
  const root = tape.roots[0];
  const used = ancestors(tape, output);
  const linear = new Uint8Array(tape.nodes.length);
  const cut = new Set<TapeNode>();
  linear[root.index] = 1;
  for (const { index, operation } of tape.nodes) {
    if (operation === undefined || used[index] === 0) continue;
    const sources = operation.inputs.filter(isNode);
    if (isLinear(operation) && sources.every((source) => linear[source.index] === 1)) linear[index] = 1;
    else for (const source of sources) if (linear[source.index] === 1) cut.add(source);
  }
  if (linear[output.index] === 1) cut.add(output);
  return { tape, root, output, used, linear, cut: [...cut] };
}

/** Multiply-adds of an operation on one lane. */
export function costOf(node: TapeNode): number {
  const { operation, value } = node;
  if (operation === undefined) return 0;
  const { primitive, attributes } = operation;
  const shapes: readonly Shape[] = operation.values.map((x) => x.shape);
  const products =
    primitive.kind === 'bilinear' ? primitive.multiplyAdds?.(shapes, value.shape, attributes) : undefined;
  return products ?? sizeOf(value.shape);
}

/** Names of the operations on the way to the output that are not piecewise linear, with their counts. */
export function nonlinearOperations({ tape, used, linear }: Structure): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { index, operation } of tape.nodes) {
    if (operation === undefined || used[index] === 0 || linear[index] === 1 || isLinear(operation)) continue;
    counts[operation.primitive.name] = (counts[operation.primitive.name] ?? 0) + 1;
  }
  return counts;
}

/** Entries at which a piecewise-linear unit between root and output stands exactly at a kink. */
export function countKinks({ tape, used }: Structure): KinkCounts {
  const total: KinkCounts = { reluZeros: 0, poolTies: 0, other: 0 };
  for (const { index, operation } of tape.nodes) {
    if (used[index] === 0 || operation?.primitive.kind !== 'selection') continue;
    const counts = operation.primitive.kinks(operation.values.map(concrete), operation.attributes);
    total.reluZeros += counts.reluZeros ?? 0;
    total.poolTies += counts.poolTies ?? 0;
    total.other += counts.other ?? 0;
  }
  return total;
}
