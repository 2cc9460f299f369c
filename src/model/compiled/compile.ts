import { sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { GraphNode } from '../format.ts';
import { isFloat, type Program, runNode, type Value } from '../program.ts';
import { inferFrom, type Outline } from '../shapes.ts';
import { backwardOf, cotangentOf } from './backward.ts';
import { fuseNodes, type Unit } from './fuse.ts';
import { type LoweringContext, noEpilogue, type WeightStore } from './lowering.ts';
import { lowerings } from './operators.ts';
import { sameShape, toChannelsFirst, toChannelsLast } from './shapes.ts';
import { type Buffer, type DeviceValue, deviceValue, fitsDevice, type Operation } from './values.ts';

/** Values on the host while a schedule runs, by name. */
export type HostValues = Map<string, Value>;

/** Memory of a buffer, as floats in the order of the graph. */
export type View = (buffer: Buffer, length: number) => Float32Array;

/** An operation of the device, or something that the host does between operations. */
export interface Item {
  readonly operation: Operation;
  /** The tensor that it helps to make. */
  readonly layer?: string;
  readonly host?: (values: HostValues, view: View) => void;
}

export interface Schedule {
  readonly items: readonly Item[];
  /** Nodes that are left to the host. */
  readonly left: readonly GraphNode[];
  /** What takes cotangents of the targets back to the source: after the items, and any number of times. */
  readonly back?: { readonly items: readonly Item[]; readonly output: string };
}

export interface Task {
  readonly program: Program;
  readonly nodes: readonly GraphNode[];
  readonly given: ReadonlyMap<string, Outline>;
  readonly targets: readonly string[];
  readonly weights: WeightStore;
  /** The tensor whose cotangent is wanted. */
  readonly source?: string | undefined;
}

/** Lays out nodes as operations on the device; what has no kernel there is left to the reference, on the host. */
export function compile({ program, nodes, given, targets, weights, source }: Task): Schedule {
  // Integers may steer shapes: what depends on those that are not constants is left to the host.
  const floats = new Map([...given].filter(([, { type }]) => isFloat(type)));
  const inferred = inferFrom(program, floats, nodes, { lenient: true }).values;
  const outlines = new Map(
    [...inferred].map(([name, { tensor, type }]): [string, Outline] => [name, { shape: tensor.shape, type }]),
  );
  const backward =
    source === undefined ? undefined : backwardOf({ program, nodes, outlines, source, targets });
  for (const [name, shape] of backward?.shapes ?? []) outlines.set(name, { shape, type: 'float32' });
  const items: Item[] = [];
  const left: GraphNode[] = [];
  const onDevice = new Map<string, DeviceValue>();
  const onHost = new Set([...given.keys(), ...program.constants.keys()]);
  const constantOf = (name: string): Tensor | undefined =>
    program.constants.get(name)?.tensor ?? backward?.constants.get(name);

  function upload(name: string): DeviceValue | undefined {
    const outline = outlines.get(name);
    if (program.constants.has(name) || outline === undefined || !onHost.has(name)) return undefined;
    const { shape } = outline;
    if (!isFloat(outline.type) || !fitsDevice(shape)) return undefined;
    const value = deviceValue(shape);
    const staging: Buffer = { bytes: sizeOf(shape) * 4 };
    items.push({
      operation: { reads: [], writes: [staging], work: 0, steps: () => [] },
      host: (values, view) => {
        const { tensor } = values.get(name) as Value;
        if (!sameShape(tensor.shape, shape)) throw new ShapeSurprise();
        view(staging, sizeOf(shape)).set(contiguous(tensor).data);
      },
    });
    items.push({ operation: toChannelsLast(staging, value) });
    onDevice.set(name, value);
    return value;
  }

  function download(name: string): void {
    const value = onDevice.get(name);
    if (onHost.has(name) || value === undefined) return;
    const size = sizeOf(value.shape);
    const staging: Buffer = { bytes: size * 4 };
    items.push({ operation: toChannelsFirst(value, staging, (size / value.images) * 4) });
    items.push({
      operation: { reads: [staging], writes: [], work: 0, steps: () => [] },
      host: (values, view) => {
        const data = Float32Array.from(view(staging, size));
        values.set(name, {
          tensor: fromData(data, value.shape),
          type: outlines.get(name)?.type ?? 'float32',
        });
      },
    });
    onHost.add(name);
  }

  function lower(unit: Unit): boolean {
    const [node] = unit.nodes;
    const outline = outlines.get(unit.output);
    const how = lowerings[node.op];
    if (how === undefined || outline === undefined || !isFloat(outline.type)) return false;
    if (!fitsDevice(outline.shape)) return false;
    const find = (name: string) => (name === '' ? undefined : (onDevice.get(name) ?? upload(name)));
    const residual = unit.residual === undefined ? undefined : find(unit.residual);
    if (unit.residual !== undefined && residual === undefined) return false;
    const context: LoweringContext = {
      node,
      value: (i) => find(node.inputs[i] ?? ''),
      constant: (i) => constantOf(node.inputs[i] ?? ''),
      shape: outline.shape,
      epilogue: { ...noEpilogue, ...unit.bounds, ...(residual && { residual }) },
      scaling: unit.scaling,
      weights,
    };
    const lowered = how(context);
    if (lowered === undefined) return false;
    for (const operation of lowered.operations) items.push({ operation, layer: unit.output });
    onDevice.set(unit.output, lowered.output);
    return true;
  }

  function runOnHost(node: GraphNode): void {
    left.push(node);
    for (const input of node.inputs) if (input !== '') download(input);
    items.push({
      operation: { reads: [], writes: [], work: 0, steps: () => [] },
      host: (values) => {
        const lookUp = (name: string) => values.get(name) ?? program.constants.get(name);
        for (const [name, value] of runNode(program, node, { lookUp })) values.set(name, value);
      },
    });
    for (const output of node.outputs) onHost.add(output);
  }

  const site = {
    nodes: [...nodes, ...(backward?.nodes ?? [])],
    targets: new Set(backward === undefined ? targets : [...targets, backward.output]),
    constant: constantOf,
    alike: (a: string, b: string) => {
      const [x, y] = [outlines.get(a), outlines.get(b)];
      return x !== undefined && y !== undefined && sameShape(x.shape, y.shape);
    },
  };
  const returning = new Set(backward?.nodes);
  const cotangents = backward === undefined ? [] : targets.map(cotangentOf);
  const units = fuseNodes(site, [...given.keys(), ...cotangents]);
  for (const unit of units) {
    if (returning.has(unit.nodes[0]) || lower(unit)) continue;
    for (const node of unit.nodes) {
      if (unit.nodes.length > 1 && lower({ nodes: [node], output: node.outputs[0] })) continue;
      runOnHost(node);
    }
  }
  for (const target of targets) download(target);
  if (backward === undefined) return { items, left };
  const forth = items.length;
  for (const cotangent of cotangents) onHost.add(cotangent);
  for (const unit of units) {
    if (!returning.has(unit.nodes[0]) || lower(unit)) continue;
    const lowered = unit.nodes.every((node) => lower({ nodes: [node], output: node.outputs[0] }));
    if (!lowered) return { items: items.slice(0, forth), left };
  }
  download(backward.output);
  return {
    items: items.slice(0, forth),
    left,
    back: { items: items.slice(forth), output: backward.output },
  };
}

/** A shape that turned out otherwise than it was inferred, because it depends on values. */
export class ShapeSurprise extends Error {}
