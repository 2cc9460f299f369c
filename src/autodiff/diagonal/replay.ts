import type { Steps } from '../../tensor/drive.ts';
import type { Series } from '../primitive.ts';
import { pushSeries } from '../propagate.ts';
import { frozen, isNode, type TapeNode } from '../tape.ts';
import type { Structure } from './structure.ts';

/**
 * Pushes Taylor series through a recorded head: order 0 is the recorded value (shared by all lanes), higher coefficients
 * start at the seeds. Returns the series at the targets; one that no seed reaches is constant. A step for each node.
 */
export function* replay(
  { tape, used }: Structure,
  seeds: ReadonlyMap<TapeNode, Series>,
  { order, targets }: { order: number; targets: readonly TapeNode[] },
): Steps<Series[]> {
  const wanted = new Set(targets);
  const end = targets.reduce((last, { index }) => Math.max(last, index), 0);
  const lastUse = new Int32Array(tape.nodes.length);
  for (const { index, operation } of tape.nodes) {
    for (const input of operation?.inputs ?? []) if (isNode(input)) lastUse[input.index] = index;
  }
  const held = new Map<TapeNode, Series>(seeds);
  const constant = (value: Series[0]): Series => [value, ...new Array<undefined>(order).fill(undefined)];
  for (let index = 0; index <= end; index++) {
    const node = tape.nodes[index];
    const { operation } = node;
    if (operation === undefined || used[index] === 0 || seeds.has(node)) continue;
    if (!operation.inputs.some((x) => isNode(x) && held.has(x))) continue;
    const xs = operation.inputs.map((x, i) => (isNode(x) && held.get(x)) || constant(operation.values[i]));
    const { primitive, attributes } = operation;
    held.set(
      node,
      pushSeries(primitive, xs, { y: node.value, order, attributes, map: () => frozen(operation) }),
    );
    for (const input of operation.inputs) {
      if (isNode(input) && lastUse[input.index] === index && !wanted.has(input)) held.delete(input);
    }
    yield (index + 1) / (end + 1);
  }
  return targets.map((node) => held.get(node) ?? constant(node.value));
}
