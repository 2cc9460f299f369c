import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, reshape, sum } from './operations.ts';
import type { LinearMap, Primitive } from './primitive.ts';
import { apply, concrete, type Level, levelOf, nextLevelId, primalAt, type Traced, traced } from './trace.ts';

/** One application of a primitive on a tape, or (without a primitive) a root. */
export interface TapeNode {
  readonly index: number;
  /** The output's value, one level down. */
  readonly value: Tensor;
  readonly operation?: Operation;
}

export interface Operation {
  readonly primitive: Exclude<Primitive, { kind: 'constant' }>;
  readonly attributes: unknown;
  readonly inputs: readonly (TapeNode | Tensor)[];
  /** Values of the inputs, one level down. */
  readonly values: readonly Tensor[];
  /** The frozen choice of a selection, made once. */
  linearMap?: LinearMap;
}

/** What a function did to its roots: nodes in the order of evaluation, roots first. */
export interface Tape {
  readonly nodes: readonly TapeNode[];
  readonly roots: readonly TapeNode[];
  readonly level: Level;
}

export function isNode(x: TapeNode | Tensor): x is TapeNode {
  return 'value' in x;
}

type Recorded = Traced & { readonly origin: TapeNode };

/** The node of a tensor that is being recorded; undefined for any other. */
export function originOf(x: Tensor): TapeNode | undefined {
  return (x as Partial<Recorded>).origin;
}

/** Runs f on traced copies of xs and records all that descends from them. */
export function record(
  f: (xs: readonly Tensor[]) => Tensor,
  xs: readonly Tensor[],
): { tape: Tape; output: TapeNode | Tensor } {
  const nodes: TapeNode[] = [];
  const push = (value: Tensor, operation?: Operation): Recorded => {
    const node: TapeNode = { index: nodes.length, value, ...(operation && { operation }) };
    nodes.push(node);
    return traced(level, value, { origin: node });
  };
  const level: Level = {
    id: nextLevelId(),
    apply(primitive, inputs, attributes) {
      const values = inputs.map((x) => primalAt(x, level));
      const value = apply(primitive, values, attributes);
      const sources = inputs.map((x) => (levelOf(x) === level ? (x as Recorded).origin : x));
      const kept = primitive as Operation['primitive'];
      return push(value, { primitive: kept, attributes, inputs: sources, values });
    },
  };
  const traces = xs.map((x) => push(x));
  const y = f(traces);
  const output = levelOf(y) === level ? (y as Recorded).origin : y;
  return { tape: { nodes, roots: traces.map((x) => x.origin), level }, output };
}

/** The linear map of a selection at the values it was recorded with; chosen once, then kept. */
export function frozen(operation: Operation): LinearMap {
  if (operation.primitive.kind !== 'selection') throw new Error('Internal: only selections are frozen');
  operation.linearMap ??= operation.primitive.select(operation.values.map(concrete), operation.attributes);
  return operation.linearMap;
}

/** Sums a cotangent over the axes along which its input was spread; the first `lanes` axes are the cotangent's own. */
export function reduceTo(g: Tensor, shape: Shape, lanes: number): Tensor {
  const extra = g.shape.length - lanes - shape.length;
  if (extra === 0 && sameShape(g.shape.slice(lanes), shape)) return g;
  const rank = g.shape.length;
  const axes: number[] = [];
  for (let axis = lanes; axis < lanes + extra; axis++) axes.push(axis - rank);
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1 && g.shape[lanes + extra + axis] !== 1) axes.push(axis - shape.length);
  }
  const summed = axes.length === 0 ? g : sum(g, axes, { keepDimensions: true });
  return reshape(summed, [...g.shape.slice(0, lanes), ...shape]);
}

function cotangents(
  node: TapeNode,
  operation: Operation,
  g: Tensor,
  wanted: readonly boolean[],
): (Tensor | undefined)[] {
  const { primitive, attributes, values } = operation;
  const shapes = values.map((x) => x.shape);
  const lanes = g.shape.length - node.value.shape.length;
  const each = (rule: (index: number) => Tensor) =>
    wanted.map((want, index) => (want ? reduceTo(rule(index), shapes[index], lanes) : undefined));
  switch (primitive.kind) {
    case 'linear':
      return each((index) => primitive.transpose(g, attributes, { index, shape: shapes[index], shapes }));
    case 'selection': {
      const map = frozen(operation);
      return each((index) =>
        map.primitive.transpose(g, map.attributes, { index, shape: shapes[index], shapes }),
      );
    }
    case 'bilinear':
      return each((index) =>
        index === 0
          ? primitive.transposeLeft(g, values[1], attributes, shapes[0])
          : primitive.transposeRight(g, values[0], attributes, shapes[1]),
      );
    case 'elementwise':
      return each((index) => mul(g, primitive.derivatives[index](values, node.value, attributes)));
  }
}

/**
 * Walks a tape backwards from cotangents at some of its nodes: the cotangent of each target, undefined where no path
 * leads to it. Cotangents may carry lanes (leading axes, as many for all).
 */
export function pullback(
  tape: Tape,
  seeds: ReadonlyMap<TapeNode, Tensor>,
  targets: readonly TapeNode[],
): (Tensor | undefined)[] {
  const needed = descendants(tape, targets);
  const held = new Map<number, Tensor>();
  for (const [node, g] of seeds) {
    if (!sameShape(g.shape.slice(g.shape.length - node.value.shape.length), node.value.shape)) {
      throw new ShapeError(
        `Cannot pull back: the cotangent must have the output's shape ${formatShape(node.value.shape)}, got ${formatShape(g.shape)}`,
      );
    }
    held.set(node.index, g);
  }
  const results = new Map<number, Tensor>();
  const isTarget = new Set(targets.map((node) => node.index));
  for (let index = tape.nodes.length - 1; index >= 0; index--) {
    const node = tape.nodes[index];
    const g = held.get(index);
    if (g === undefined) continue;
    held.delete(index);
    if (isTarget.has(index)) results.set(index, g);
    const { operation } = node;
    if (operation === undefined) continue;
    const wanted = operation.inputs.map((x) => isNode(x) && needed[x.index] === 1);
    if (!wanted.includes(true)) continue;
    const grads = cotangents(node, operation, g, wanted);
    for (let i = 0; i < grads.length; i++) {
      const grad = grads[i];
      const input = operation.inputs[i];
      if (grad === undefined || !isNode(input)) continue;
      const before = held.get(input.index);
      held.set(input.index, before === undefined ? grad : add(before, grad));
    }
  }
  return targets.map((node) => results.get(node.index));
}

/** 1 for every node that descends from one of the sources (the sources included). */
export function descendants(tape: Tape, sources: readonly TapeNode[]): Uint8Array {
  const reached = new Uint8Array(tape.nodes.length);
  for (const node of sources) reached[node.index] = 1;
  for (const node of tape.nodes) {
    if (node.operation?.inputs.some((x) => isNode(x) && reached[x.index] === 1)) reached[node.index] = 1;
  }
  return reached;
}
