import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import { addRow, mulRow, negRow, subRow } from '../primitives/arithmetic.ts';
import { scaleRow } from '../primitives/choose.ts';
import { isNode, type Operation, type Tape, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { mapOf } from './fuse.ts';
import { joinsOf } from './joins.ts';
import type { Structure } from './structure.ts';

/** |x|, of x's type. */
function magnitude(x: Tensor): Tensor {
  const { data, shape } = contiguous(concrete(x));
  const out = data.slice();
  for (let i = 0; i < out.length; i++) out[i] = Math.abs(out[i]);
  return fromData(out, shape);
}

/** The operation with the magnitudes of all that it multiplies by; undefined where its signs are not known. */
function positive(operation: Operation, output: Tensor): Operation | undefined {
  const { inputs, values } = operation;
  const { primitive, attributes } = mapOf(operation);
  const same = { inputs, values, attributes, linearMap: undefined };
  const varying = inputs.flatMap((input, i) => (isNode(input) ? [i] : []));
  if (primitive.kind === 'elementwise') {
    const [which] = varying;
    if (varying.length > 1) return undefined;
    const factor = magnitude(primitive.derivatives[which](values, output, attributes));
    return { ...same, primitive: mulRow, inputs: [inputs[which], factor], values: [values[which], factor] };
  }
  if (varying.some((which) => joinsOf(operation, which, output.shape) === undefined)) return undefined;
  if ([negRow, subRow].includes(primitive as typeof subRow)) return { ...same, primitive: addRow };
  if (primitive === (scaleRow as unknown)) {
    const { factor } = attributes as { factor: Tensor };
    return { ...same, primitive, attributes: { factor: magnitude(factor) } };
  }
  if (primitive.kind !== 'bilinear') return { ...same, primitive };
  return { ...same, primitive, values: values.map((x, i) => (isNode(inputs[i]) ? x : magnitude(x))) };
}

/**
 * A tape of the magnitudes of a piecewise-linear part up to `end`: what it pulls back bounds |Jᵀ| g for g ≥ 0, since no two paths
 * cancel. Undefined where an operation's signs are not known.
 */
export function magnitudesOf(
  { tape, used }: Structure,
  end: TapeNode,
): { tape: Tape; end: TapeNode } | undefined {
  const nodes: TapeNode[] = [];
  for (const node of tape.nodes.slice(0, end.index + 1)) {
    const { index, operation, value } = node;
    if (operation === undefined || used[index] === 0) {
      nodes.push({ index, value, operation: undefined });
      continue;
    }
    const found = positive(operation, value);
    if (found === undefined) return undefined;
    const inputs = found.inputs.map((x) => (isNode(x) ? nodes[x.index] : x));
    nodes.push({ index, value, operation: { ...found, inputs } });
  }
  return { tape: { nodes, roots: [nodes[tape.roots[0].index]], level: tape.level }, end: nodes[end.index] };
}
