import { type Steps, stepsOf } from '../tensor/drive.ts';
import { ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { add, mul, reshape, sum } from './operations.ts';
import type { LinearMap, Primitive } from './primitive.ts';
import {
  apply,
  concrete,
  isTraced,
  type Level,
  nextLevelId,
  primalAt,
  type Traced,
  traced,
  tracedAt,
} from './trace.ts';

/** One application of a primitive on a tape, or (without a primitive) a root. */
export interface TapeNode {
  readonly index: number;
  /** The output's value, one level down. */
  readonly value: Tensor;
  readonly operation: Operation | undefined;
}

export interface Operation {
  readonly primitive: Exclude<Primitive, { kind: 'constant' }>;
  readonly attributes: unknown;
  readonly inputs: readonly (TapeNode | Tensor)[];
  /** Values of the inputs, one level down. */
  readonly values: readonly Tensor[];
  /** The frozen choice of a selection, made once. */
  linearMap: LinearMap | undefined;
}

/** What a function did to its roots: nodes in the order of evaluation, roots first. */
export interface Tape {
  readonly nodes: readonly TapeNode[];
  readonly roots: readonly TapeNode[];
  readonly level: Level<TapeNode>;
}

export function isNode(x: object | undefined): x is TapeNode {
  return (x as Partial<TapeNode> | undefined)?.index !== undefined;
}

/** The node of a tensor that is being recorded; undefined for any other. */
export function originOf(x: Tensor): TapeNode | undefined {
  const payload = isTraced(x) ? (x.payload as object | undefined) : undefined;
  return isNode(payload) ? payload : undefined;
}

export interface Recording {
  readonly tape: Tape;
  readonly output: TapeNode | Tensor;
}

/** Traced copies of xs; all that descends from them is recorded, up to `end` at least. */
function startRecording(xs: readonly Tensor[]): { traces: Tensor[]; end(y: Tensor): Recording } {
  const nodes: TapeNode[] = [];
  const push = (value: Tensor, operation: Operation | undefined): Traced<TapeNode> => {
    const node: TapeNode = { index: nodes.length, value, operation };
    nodes.push(node);
    return traced(level, value, node);
  };
  const level: Level<TapeNode> = {
    id: nextLevelId(),
    apply(primitive, given, attributes) {
      const inputs = given.map((x) => tracedAt(x, level)?.payload ?? x);
      const values = given.map((x) => primalAt(x, level));
      const value = apply(primitive, values, attributes);
      const kept = primitive as Operation['primitive'];
      return push(value, { primitive: kept, attributes, inputs, values, linearMap: undefined });
    },
  };
  const traces = xs.map((x) => push(x, undefined));
  return {
    traces,
    end: (y) => ({
      tape: { nodes, roots: traces.map((x) => x.payload), level },
      output: tracedAt(y, level)?.payload ?? y,
    }),
  };
}

/** Runs f on traced copies of xs and records all that descends from them. */
export function record(f: (xs: readonly Tensor[]) => Tensor, xs: readonly Tensor[]): Recording {
  const { traces, end } = startRecording(xs);
  return end(f(traces));
}

/** The same in steps, where f has some. */
export function* recordSteps(
  f: (xs: readonly Tensor[]) => Tensor | Steps<Tensor>,
  xs: readonly Tensor[],
): Steps<Recording> {
  const { traces, end } = startRecording(xs);
  return end(yield* stepsOf(f(traces)));
}

/** The linear map of a selection at the values it was recorded with; chosen once, then kept. */
export function frozen(operation: Operation): LinearMap {
  if (operation.primitive.kind !== 'selection') throw new Error('Internal: only selections are frozen');
  operation.linearMap ??= operation.primitive.select(operation.values.map(concrete), operation.attributes);
  return operation.linearMap;
}

/** Sums a cotangent over the axes along which its input was spread; the first `lanes` axes are the cotangent's own. */
function reduceTo(g: Tensor, shape: Shape, lanes: number): Tensor {
  if (sameShape(g.shape, shape)) return g;
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

/** The cotangent of input `index` of an operation with output y, for y's cotangent g. */
function cotangentOf(operation: Operation, y: Tensor, g: Tensor, index: number): Tensor {
  const { primitive, attributes, values } = operation;
  const { shape } = values[index];
  switch (primitive.kind) {
    case 'elementwise':
      return mul(g, primitive.derivatives[index](values, y, attributes));
    case 'bilinear':
      return index === 0
        ? primitive.transposeLeft(g, values[1], attributes, shape)
        : primitive.transposeRight(g, values[0], attributes, shape);
    default: {
      const map = primitive.kind === 'linear' ? { primitive, attributes } : frozen(operation);
      const shapes = values.map((x) => x.shape);
      return map.primitive.transpose(g, map.attributes, { index, shape, shapes });
    }
  }
}

/** What the cotangent g of a node, with lanes before it or without, becomes at its operation's input `index`. */
export function pullInput({ operation, value }: TapeNode, g: Tensor, index: number): Tensor {
  const own = operation as Operation;
  const lanes = g.shape.length - value.shape.length;
  return reduceTo(cotangentOf(own, value, g, index), own.values[index].shape, lanes);
}

/** A backward pass under way: cotangents by node, and which nodes need one. */
interface Pass {
  readonly held: (Tensor | undefined)[];
  readonly needed: Uint8Array;
  readonly isTarget: Uint8Array;
}

function startPass(tape: Tape, seeds: ReadonlyMap<TapeNode, Tensor>, targets: readonly TapeNode[]): Pass {
  const { nodes } = tape;
  const held = new Array<Tensor | undefined>(nodes.length).fill(undefined);
  for (const [node, g] of seeds) {
    if (!sameShape(g.shape.slice(g.shape.length - node.value.shape.length), node.value.shape)) {
      throw new ShapeError(
        `Cannot pull back: the cotangent must have the output's shape ${formatShape(node.value.shape)}, got ${formatShape(g.shape)}`,
      );
    }
    held[node.index] = g;
  }
  const isTarget = new Uint8Array(nodes.length);
  for (const { index } of targets) isTarget[index] = 1;
  return { held, needed: descendants(tape, targets), isTarget };
}

/** Takes a node's cotangent to its inputs. */
function passNode(node: TapeNode, { held, needed, isTarget }: Pass): void {
  const { index, operation } = node;
  const g = held[index];
  if (g === undefined) return;
  if (isTarget[index] === 0) held[index] = undefined;
  if (operation === undefined) return;
  const { inputs } = operation;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (!isNode(input) || needed[input.index] === 0) continue;
    const own = pullInput(node, g, i);
    const before = held[input.index];
    held[input.index] = before === undefined ? own : add(before, own);
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
  const { nodes } = tape;
  const pass = startPass(tape, seeds, targets);
  for (let index = nodes.length - 1; index >= 0; index--) passNode(nodes[index], pass);
  return targets.map(({ index }) => pass.held[index]);
}

/** The same in steps, node by node. */
export function* pullbackSteps(
  tape: Tape,
  seeds: ReadonlyMap<TapeNode, Tensor>,
  targets: readonly TapeNode[],
): Steps<(Tensor | undefined)[]> {
  const { nodes } = tape;
  const pass = startPass(tape, seeds, targets);
  for (let index = nodes.length - 1; index >= 0; index--) {
    passNode(nodes[index], pass);
    yield 1 - index / nodes.length;
  }
  return targets.map(({ index }) => pass.held[index]);
}

/** What a walk backwards from some nodes begins with: a node that is there more than once gets the sum of its cotangents. */
export function seedsOf(
  nodes: readonly (TapeNode | undefined)[],
  cotangents: readonly Tensor[],
): Map<TapeNode, Tensor> {
  const seeds = new Map<TapeNode, Tensor>();
  nodes.forEach((node, i) => {
    if (node === undefined) return;
    const before = seeds.get(node);
    seeds.set(node, before === undefined ? cotangents[i] : add(before, cotangents[i]));
  });
  return seeds;
}

/** 1 for every node that descends from one of the sources (the sources included). */
function descendants(tape: Tape, sources: readonly TapeNode[]): Uint8Array {
  const reached = new Uint8Array(tape.nodes.length);
  for (const node of sources) reached[node.index] = 1;
  // Whatever is on a tape descends from one of its roots.
  if (sources === tape.roots) return reached.fill(1);
  for (const { index, operation } of tape.nodes) {
    for (const x of operation?.inputs ?? []) if (isNode(x) && reached[x.index] === 1) reached[index] = 1;
  }
  return reached;
}
