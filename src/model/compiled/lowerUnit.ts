import { isFloat } from '../../layers/types.ts';
import type { GraphNode } from '../data/format.ts';
import { type Draft, upload } from './draft.ts';
import type { Unit } from './fuse.ts';
import { noEpilogue } from './lower/lowering.ts';
import { lowerings } from './lower/operators.ts';
import { type DeviceValue, fitsDevice, type Operation } from './lower/values.ts';
import { renamed, type WeightStore } from './lower/weights.ts';

/** The constants of a node: those that the lengths of the inputs have made are not the same for other lengths. */
function weightsOf({ folded, lengths }: Draft, { inputs }: GraphNode, weights: WeightStore): WeightStore {
  return inputs.some((input) => folded.has(input)) ? renamed(weights, lengths) : weights;
}

/** Lays out a unit on the device; false, with nothing laid out, where it has no kernel there. */
export function lowerUnit(draft: Draft, unit: Unit, weights: WeightStore): boolean {
  const { outlines, items, onDevice } = draft;
  const [node] = unit.nodes;
  const outputs = unit.nodes.length > 1 ? [unit.output] : node.outputs;
  const how = lowerings[node.op];
  if (how === undefined) return false;
  const shapes = outputs.map((name) => {
    const outline = outlines.get(name);
    return outline && isFloat(outline.type) && fitsDevice(outline.shape) ? outline.shape : undefined;
  });
  const [shape] = shapes;
  if (shape === undefined) return false;
  const find = (name: string) => (name === '' ? undefined : (onDevice.get(name) ?? upload(draft, name)));
  const residual = unit.residual === undefined ? undefined : find(unit.residual);
  if (unit.residual !== undefined && residual === undefined) return false;
  const before: Operation[] = [];
  const lowered = how({
    node,
    value: (i) => find(node.inputs[i] ?? ''),
    constant: (i) => draft.constant(node.inputs[i] ?? ''),
    shape,
    shapeOf: (i) => shapes[i],
    shift: unit.shift === undefined ? undefined : draft.constant(unit.shift),
    residual,
    epilogue: { ...noEpilogue, ...unit.bounds, ...unit.activation },
    scaling: unit.scaling,
    weights: weightsOf(draft, node, weights),
    before,
  });
  if (lowered === undefined) return false;
  for (const operation of [...before, ...lowered.operations]) items.push({ operation, layer: unit.output });
  const values: readonly (DeviceValue | undefined)[] = [lowered.output, ...(lowered.more ?? [])];
  for (const [i, name] of outputs.entries()) {
    const value = values[i];
    if (value !== undefined) onDevice.set(name, value);
  }
  return true;
}
