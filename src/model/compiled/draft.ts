import { isFloat } from '../../layers/types.ts';
import { sameShape, sizeOf } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../tensor/tensor.ts';
import type { GraphNode } from '../data/format.ts';
import { type Program, runNode, type Value } from '../run/program.ts';
import type { Outline } from '../run/shapes.ts';
import { copyOperation, restOf } from './lower/copies.ts';
import { type Buffer, type DeviceValue, fitsDevice, newValue, usualOrder } from './lower/values.ts';
import { type Item, ShapeSurprise } from './schedule.ts';

/** A schedule that is being written: what has been laid out, and where the tensors are by then. */
export interface Draft {
  readonly program: Program;
  readonly outlines: ReadonlyMap<string, Outline>;
  /** What the shapes of the inputs and constants make, and what these shapes are, as a text. */
  readonly folded: ReadonlyMap<string, Value>;
  readonly lengths: string;
  readonly constant: (name: string) => Tensor | undefined;
  readonly items: Item[];
  /** Nodes that are left to the host. */
  readonly left: GraphNode[];
  readonly onDevice: Map<string, DeviceValue>;
  readonly onHost: Set<string>;
}

const idle = { reads: [], writes: [], work: 0, steps: () => [] };

/** Entries as a tensor on the host has them, one behind another. */
function hostOrder(shape: readonly number[], buffer: Buffer): DeviceValue {
  let floats = 1;
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = floats;
    floats *= shape[axis];
  }
  return { buffer, shape, strides, strand: shape.length - 1 };
}

/** The value on the device; undefined where it is none that fits there. */
export function upload(
  { program, outlines, items, onDevice, onHost }: Draft,
  name: string,
): DeviceValue | undefined {
  const outline = outlines.get(name);
  if (program.constants.has(name) || outline === undefined || !onHost.has(name)) return undefined;
  const { shape } = outline;
  if (!isFloat(outline.type) || !fitsDevice(shape)) return undefined;
  const value = newValue(shape, usualOrder(shape));
  const staging: Buffer = { bytes: sizeOf(shape) * 4 };
  items.push({
    operation: { ...idle, writes: [staging] },
    host: (values, view) => {
      const { tensor } = values.get(name) as Value;
      if (!sameShape(tensor.shape, shape)) throw new ShapeSurprise();
      view(staging, sizeOf(shape)).set(contiguous(tensor).data);
    },
  });
  items.push({ operation: copyOperation(hostOrder(shape, staging), { ...value, zeros: restOf(value) }) });
  onDevice.set(name, value);
  return value;
}

/** Brings a value to the host, if it is on the device alone. */
export function download({ outlines, folded, items, onDevice, onHost }: Draft, name: string): void {
  const value = onDevice.get(name);
  const known = folded.get(name);
  if (known !== undefined) items.push({ operation: idle, host: (values) => values.set(name, known) });
  if (onHost.has(name) || value === undefined) return;
  const size = sizeOf(value.shape);
  const staging: Buffer = { bytes: size * 4 };
  items.push({ operation: copyOperation(value, hostOrder(value.shape, staging)) });
  items.push({
    operation: { ...idle, reads: [staging] },
    host: (values, view) => {
      const data = Float32Array.from(view(staging, size));
      const type = outlines.get(name)?.type ?? 'float32';
      values.set(name, { tensor: fromData(data, value.shape), type });
    },
  });
  onHost.add(name);
}

/** Leaves a node to the reference, on the host. */
export function runOnHost(draft: Draft, node: GraphNode): void {
  const { program, folded, items, left, onHost } = draft;
  left.push(node);
  for (const input of node.inputs) if (input !== '' && !folded.has(input)) download(draft, input);
  items.push({
    operation: idle,
    host: (values) => {
      const lookUp = (name: string) => values.get(name) ?? program.constants.get(name) ?? folded.get(name);
      for (const [name, value] of runNode(program, node, { lookUp })) values.set(name, value);
    },
  });
  for (const output of node.outputs) onHost.add(output);
}
