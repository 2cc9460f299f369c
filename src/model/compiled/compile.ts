import { isFloat } from '../../layers/types.ts';
import { sameShape } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import type { Program } from '../run/program.ts';
import { inferFrom, type Outline } from '../run/shapes.ts';
import { type Backward, backwardOf, cotangentOf } from './back/backward.ts';
import { type Draft, download, runOnHost, upload } from './draft.ts';
import { fuseNodes, type Unit } from './fuse.ts';
import { noEpilogue, type WeightStore } from './lower/lowering.ts';
import { lowerings } from './lower/operators.ts';
import { fitsDevice } from './lower/values.ts';
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

/** Outlines of what the nodes make. Integers may steer shapes: what depends on those that are not constants is left to the host. */
function outlinesOf({ program, nodes, given }: Task): Map<string, Outline> {
  const floats = new Map([...given].filter(([, { type }]) => isFloat(type)));
  const inferred = inferFrom(program, floats, nodes, { lenient: true }).values;
  return new Map([...inferred].map(([name, { tensor, type }]) => [name, { shape: tensor.shape, type }]));
}

/** Lays out a unit on the device; false, with nothing laid out, where it has no kernel there. */
function lower(draft: Draft, unit: Unit, weights: WeightStore): boolean {
  const { outlines, items, onDevice } = draft;
  const [node] = unit.nodes;
  const outline = outlines.get(unit.output);
  const how = lowerings[node.op];
  if (how === undefined || outline === undefined || !isFloat(outline.type)) return false;
  if (!fitsDevice(outline.shape)) return false;
  const find = (name: string) => (name === '' ? undefined : (onDevice.get(name) ?? upload(draft, name)));
  const residual = unit.residual === undefined ? undefined : find(unit.residual);
  if (unit.residual !== undefined && residual === undefined) return false;
  const lowered = how({
    node,
    value: (i) => find(node.inputs[i] ?? ''),
    constant: (i) => draft.constant(node.inputs[i] ?? ''),
    shape: outline.shape,
    epilogue: { ...noEpilogue, ...unit.bounds, ...(residual && { residual }) },
    scaling: unit.scaling,
    weights,
  });
  if (lowered === undefined) return false;
  for (const operation of lowered.operations) items.push({ operation, layer: unit.output });
  onDevice.set(unit.output, lowered.output);
  return true;
}

/** The nodes of both passes as units. */
function unitsOf({ nodes, given, targets }: Task, draft: Draft, backward: Backward | undefined): Unit[] {
  const { outlines, constant } = draft;
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

/** Lays out nodes as operations on the device; what has no kernel there is left to the reference, on the host. */
export function compile(task: Task): Schedule {
  const { program, nodes, given, targets, weights, source } = task;
  const outlines = outlinesOf(task);
  const backward =
    source === undefined ? undefined : backwardOf({ program, nodes, outlines, source, targets });
  for (const [name, shape] of backward?.shapes ?? []) outlines.set(name, { shape, type: 'float32' });
  const draft: Draft = {
    ...{ program, outlines, items: [], left: [] },
    constant: (name) => program.constants.get(name)?.tensor ?? backward?.constants.get(name),
    onDevice: new Map(),
    onHost: new Set([...given.keys(), ...program.constants.keys()]),
  };
  const { items, left } = draft;
  const units = unitsOf(task, draft, backward);
  const alone = (node: GraphNode) => lower(draft, { nodes: [node], output: node.outputs[0] }, weights);
  const returning = new Set(backward?.nodes);
  for (const unit of units) {
    if (returning.has(unit.nodes[0]) || lower(draft, unit, weights)) continue;
    for (const node of unit.nodes) {
      if (unit.nodes.length === 1 || !alone(node)) runOnHost(draft, node);
    }
  }
  for (const target of targets) download(draft, target);
  if (backward === undefined) return { items, left };
  const forward = items.splice(0);
  for (const target of targets) draft.onHost.add(cotangentOf(target));
  for (const unit of units) {
    if (!returning.has(unit.nodes[0]) || lower(draft, unit, weights)) continue;
    if (!unit.nodes.every(alone)) return { items: forward, left };
  }
  download(draft, backward.output);
  return { items: forward, left, back: { items, output: backward.output } };
}
