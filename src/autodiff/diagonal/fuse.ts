import { sameShape } from '../../tensor/shape.ts';
import { contiguous, full, type Tensor } from '../../tensor/tensor.ts';
import { type Coefficient, convolve } from '../coefficients.ts';
import type { Elementwise, Primitive, Series } from '../primitive.ts';
import { addRow, mulRow, negRow, subRow } from '../primitives/arithmetic.ts';
import { chooseRow, scaleRow } from '../primitives/choose.ts';
import { pushSeries } from '../propagate.ts';
import { frozen, isNode, type Operation, type TapeNode } from '../tape.ts';
import { concrete } from '../trace.ts';
import { analyse, type Structure } from './structure.ts';

/** Rows that go entry by entry though their kind does not say so. */
export const entrywise: ReadonlySet<unknown> = new Set([addRow, subRow, negRow, mulRow, scaleRow, chooseRow]);

/** Whether each entry of the output depends on one entry of each input, after broadcasting. */
export const isEntrywise = (primitive: Primitive): boolean =>
  primitive.kind === 'elementwise' || entrywise.has(primitive);

/** What an operation is to coefficients: a selection is the linear map that it chose. */
export function mapOf(operation: Operation): { primitive: Operation['primitive']; attributes: unknown } {
  return operation.primitive.kind === 'selection' ? (frozen(operation) as never) : operation;
}

/** Whether an operation multiplies coefficients of its inputs with each other, or bends them. */
export function bends({ primitive, inputs }: Operation): boolean {
  if (primitive.kind === 'elementwise') return true;
  return primitive.kind === 'bilinear' && inputs.every(isNode);
}

export interface Coefficients {
  /** y and its Taylor coefficients, each entry along its own entry of x. */
  readonly coefficients: Series;
}

/** Σ_m c[m] hᵐ with h = x − x₀, by Horner's rule. Terms that are zero by structure are never multiplied. */
function compose(coefficients: Series, h: Series, order: number): Series {
  let sum: Coefficient[] = [];
  for (let m = order; m >= 1; m--) {
    const inner = sum;
    sum = [coefficients[m]];
    for (let k = 1; k <= order - m; k++) sum.push(convolve(h, inner, k, 1, k));
  }
  const out: Coefficient[] = [coefficients[0]];
  for (let k = 1; k <= order; k++) out.push(convolve(h, sum, k, 1, k));
  return out;
}

/** A function of one variable, entry by entry, known by its Taylor coefficients at the recorded point. */
export const fusedRow: Elementwise<Coefficients> = {
  name: 'fused',
  operation: false,
  kind: 'elementwise',
  forward: (_, { coefficients }) => coefficients[0] as Tensor,
  derivatives: [(_, y, { coefficients }) => coefficients[1] ?? full(y.shape, 0, y.dtype)],
  taylor: ([x], _, order, { coefficients }) => compose(coefficients, x, order),
  samples: [],
  source: 'f(x₀ + h) = Σ c[k] hᵏ',
};

/** For each node that only entrywise operations separate from an earlier node of its shape: that node's index; its own elsewhere. */
function basesOf({ tape, used }: Structure): Int32Array {
  const bases = Int32Array.from(tape.nodes, ({ index }) => index);
  for (const { index, operation, value } of tape.nodes) {
    if (used[index] === 0 || operation === undefined || !isEntrywise(mapOf(operation).primitive)) continue;
    const found = new Set(operation.inputs.filter(isNode).map((input) => bases[input.index]));
    const [base] = found;
    if (found.size === 1 && sameShape(tape.nodes[base].value.shape, value.shape)) bases[index] = base;
  }
  return bases;
}

/** Taylor coefficients of all fused nodes, each entry along the one of its base. */
function coefficientsOf({ tape, used }: Structure, bases: Int32Array, order: number): Map<number, Series> {
  const series = new Map<number, Series>();
  const none = new Array<undefined>(order).fill(undefined);
  const along = ({ index, value }: TapeNode): Series =>
    series.get(index) ?? [value, full(value.shape, 1, value.dtype), ...none.slice(1)];
  for (const { index, operation, value } of tape.nodes) {
    if (used[index] === 0 || operation === undefined || bases[index] === index) continue;
    const { primitive, attributes, inputs, values } = operation;
    const xs = inputs.map((input, i) => (isNode(input) ? along(input) : [values[i], ...none]));
    series.set(
      index,
      pushSeries(primitive, xs, { y: value, order, attributes, map: () => frozen(operation) }),
    );
  }
  return series;
}

const isZero = (c: Coefficient): boolean =>
  c === undefined || contiguous(concrete(c)).data.every((v) => v === 0);

/** One operation from the base to a fused node. */
function fusedOperation(base: TapeNode, coefficients: Series): Operation {
  const [y, slope, ...higher] = coefficients.map((c, k) => (k > 1 && isZero(c) ? undefined : c));
  const isLinear = higher.every((c) => c === undefined);
  const factor = slope ?? full((y as Tensor).shape, 0, (y as Tensor).dtype);
  return {
    primitive: (isLinear ? scaleRow : fusedRow) as Exclude<Primitive, { kind: 'constant' }>,
    attributes: isLinear ? { factor } : { coefficients: [y, slope, ...higher] },
    inputs: [base],
    values: [base.value],
    linearMap: undefined,
  };
}

/** A head in which chains of entrywise operations are one operation each, and the node of the whole head that each node was. */
export interface Fused {
  readonly structure: Structure;
  readonly origins: readonly TapeNode[];
}

/**
 * The same head with chains of entrywise operations (a bias and a GELU, a SiLU, a batch normalisation and a ReLU) as one operation
 * each: their Taylor coefficients are those of one jet in which every entry moves along itself.
 */
function fuse(structure: Structure, order: number): Fused {
  const { tape, used, output } = structure;
  const bases = basesOf(structure);
  const series = coefficientsOf(structure, bases, order);
  const isRead = new Uint8Array(tape.nodes.length);
  isRead[output.index] = 1;
  for (const { index, operation } of tape.nodes) {
    if (used[index] === 0 || operation === undefined) continue;
    if (bases[index] !== index) isRead[bases[index]] = 1;
    else for (const input of operation.inputs) if (isNode(input)) isRead[input.index] = 1;
  }
  const nodes: TapeNode[] = [];
  const origins: TapeNode[] = [];
  const made = new Map<TapeNode, TapeNode>();
  for (const node of tape.nodes) {
    const { index, operation, value } = node;
    const isRoot = operation === undefined;
    if (used[index] === 0 || (!isRoot && isRead[index] === 0)) continue;
    const base = made.get(tape.nodes[bases[index]]);
    const fused =
      bases[index] === index ? undefined : fusedOperation(base as TapeNode, series.get(index) as Series);
    const kept = operation && {
      ...operation,
      inputs: operation.inputs.map((x) => (isNode(x) ? (made.get(x) as TapeNode) : x)),
    };
    const own: TapeNode = { index: nodes.length, value, operation: fused ?? kept };
    nodes.push(own);
    origins.push(node);
    made.set(node, own);
  }
  const roots = tape.roots.map((root) => made.get(root) as TapeNode);
  const fused = analyse({ nodes, roots, level: tape.level }, made.get(output) as TapeNode);
  return { structure: fused, origins };
}

const made = new WeakMap<Structure, Map<number, Fused>>();

/** `fuse` of a task's head, made once. */
export function fusedOf({ structure, order }: { structure: Structure; order: number }): Fused {
  const byOrder = made.get(structure) ?? new Map<number, Fused>();
  made.set(structure, byOrder);
  const found = byOrder.get(order) ?? fuse(structure, order);
  byOrder.set(order, found);
  return found;
}

/** A fused head up to one of its nodes, which need not be fused again. */
export function fusedUpTo({ structure: { tape }, origins }: Fused, node: TapeNode, order: number): Structure {
  const structure = analyse(tape, node);
  made.set(structure, new Map([[order, { structure, origins }]]));
  return structure;
}
