import { isTraced } from '../../autodiff/trace.ts';
import { isFloat } from '../../layers/types.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import type { Program, Value } from '../run/program.ts';
import { inferFrom, type Outline } from '../run/shapes.ts';
import { type Backward, backwardOf, cotangentOf } from './back/backward.ts';
import { type Draft, download, runOnHost } from './draft.ts';
import { fuseNodes, type Unit } from './fuse.ts';
import type { WeightStore } from './lower/weights.ts';
import { lowerUnit } from './lowerUnit.ts';
import { rewriteNodes } from './rewrite.ts';
import type { Schedule } from './schedule.ts';

export interface Task {
  readonly program: Program;
  readonly nodes: readonly GraphNode[];
  readonly given: ReadonlyMap<string, Outline>;
  readonly targets: readonly string[];
  readonly weights: WeightStore;
  /** The tensor whose cotangent is wanted. */
  readonly source?: string | undefined;
}

/**
 * Outlines of what the nodes make, and what is known of it whatever the values given. Integers may steer shapes: what depends on
 * those that are not constants is left to the host.
 */
function outlinesOf({ program, nodes, given }: Task) {
  const floats = new Map([...given].filter(([, { type }]) => isFloat(type)));
  const { values, blank } = inferFrom(program, floats, nodes, { lenient: true });
  const outlines = new Map<string, Outline>();
  const folded = new Map<string, Value>();
  for (const [name, value] of values) {
    outlines.set(name, { shape: value.tensor.shape, type: value.type });
    const isKnown = !blank.has(name) && !program.constants.has(name) && !isTraced(value.tensor);
    if (isKnown) folded.set(name, value);
  }
  return { outlines, folded };
}

/** The nodes of both passes as units. */
function unitsOf({ given, targets }: Task, draft: Draft, passes: Passes): Unit[] {
  const { outlines, constant } = draft;
  const { nodes, backward } = passes;
  const alike = (a: string, b: string) => {
    const [x, y] = [outlines.get(a), outlines.get(b)];
    return x !== undefined && y !== undefined && sameShape(x.shape, y.shape);
  };
  if (backward === undefined) {
    return fuseNodes({ nodes, targets: new Set(targets), constant, alike }, [...given.keys()]);
  }
  const ends = new Set([...targets, backward.output]);
  const present = [...given.keys(), ...targets.map(cotangentOf)];
  return fuseNodes({ nodes: [...nodes, ...backward.nodes], targets: ends, constant, alike }, present);
}

interface Passes {
  readonly nodes: readonly GraphNode[];
  readonly backward: Backward | undefined;
}

/** Lays out nodes as operations on the device; what has no kernel there is left to the reference, on the host. */
export function compile(task: Task): Schedule {
  const { program, given, targets, weights, source } = task;
  const { outlines, folded } = outlinesOf(task);
  const known = (name: string) => (program.constants.get(name) ?? folded.get(name))?.tensor;
  const { nodes, parts } = rewriteNodes({
    nodes: task.nodes.filter(({ outputs }) => !outputs.every((name) => name === '' || folded.has(name))),
    targets: new Set(targets),
    constant: known,
    typeOf: (name) => (program.constants.get(name) ?? folded.get(name))?.type,
  });
  const backward =
    source === undefined
      ? undefined
      : backwardOf({ program, nodes, outlines, source, targets, constant: known });
  for (const [name, shape] of backward?.shapes ?? []) outlines.set(name, { shape, type: 'float32' });
  const draft: Draft = {
    ...{ program, outlines, folded, items: [], left: [] },
    lengths: JSON.stringify([...given].map(([name, { shape }]) => [name, shape])),
    constant: (name) => known(name) ?? backward?.constants.get(name),
    onDevice: new Map(),
    onHost: new Set([...given.keys(), ...program.constants.keys()]),
  };
  const { items, left } = draft;
  const units = unitsOf(task, draft, { nodes, backward });
  const alone = (node: GraphNode) => lowerUnit(draft, { nodes: [node], output: node.outputs[0] }, weights);
  const returning = new Set(backward?.nodes);
  for (const unit of units) {
    if (returning.has(unit.nodes[0]) || lowerUnit(draft, unit, weights)) continue;
    const each = unit.nodes.flatMap((node) => parts.get(node) ?? [node]);
    for (const node of each) if (each.length === 1 || !alone(node)) runOnHost(draft, node);
  }
  for (const target of targets) download(draft, target);
  if (backward === undefined) return { items, left };
  const forward = items.splice(0);
  for (const target of targets) draft.onHost.add(cotangentOf(target));
  for (const unit of units) {
    if (!returning.has(unit.nodes[0]) || lowerUnit(draft, unit, weights)) continue;
    if (!unit.nodes.every(alone)) return { items: forward, left };
  }
  download(draft, backward.output);
  return { items: forward, left, back: { items, output: backward.output } };
}
