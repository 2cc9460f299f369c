import { InputError } from '../tensor/errors.ts';
import { createRandom } from '../tensor/random.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData } from '../tensor/tensor.ts';
import { decodeTensor } from './data/decode.ts';
import { encodeValues } from './data/encode.ts';
import type { GraphNode, ModelData, StoredTensor } from './data/format.ts';
import type { Model } from './model.ts';

/** Sides of a picture in pixels. */
export interface Sides {
  readonly height: number;
  readonly width: number;
  /** Whether they are a picture's, which a network with sides of its own does not take. */
  readonly isOwn?: boolean;
}

/** A model that takes one picture [1, C, H, W], and what had to be changed of it. */
export interface FittedModel {
  readonly data: ModelData;
  /** The same with its own batch. */
  readonly whole: ModelData;
  /** Pictures that the file takes at once: more than 1 where its batch was fixed. */
  readonly batch: number;
  readonly notes: readonly string[];
}

/** Sides of networks that leave them open are multiples of this: what their steps of 2 come to. */
const STRIDE = 32;
/** Pixels of the longer side that an open one takes of a large photograph. */
const LONGEST = 1024;

/** The sides that a network with open ones takes for a picture: its own, to multiples of 32, 1,024 pixels at most. */
export function ownSides({ height, width }: Sides): Sides {
  const scale = Math.min(1, LONGEST / Math.max(height, width));
  const side = (length: number) => Math.max(STRIDE, Math.round((length * scale) / STRIDE) * STRIDE);
  return { height: side(height), width: side(width) };
}

const COLOURS = [1, 3, 4];

/** Whether an input has its colours last: [N, H, W, C]. */
const isLast = (shape: readonly (number | string)[]) =>
  shape.length === 4 && !COLOURS.includes(shape[1] as number) && COLOURS.includes(shape[3] as number);

/** Constants by which a graph is told its batch: the first length of a shape that Reshape or Expand is given. */
function withoutBatch({ nodes, tensors }: ModelData, batch: number): Map<string, StoredTensor> {
  const changed = new Map(tensors);
  for (const { op, inputs } of nodes) {
    const stored = op === 'Reshape' || op === 'Expand' ? tensors.get(inputs[1]) : undefined;
    if (stored === undefined) continue;
    const values = Array.from(decodeTensor(stored).data);
    if (values.length < 2 || values[0] !== batch) continue;
    const bytes = encodeValues(stored.dtype, [1, ...values.slice(1)]);
    changed.set(inputs[1], { dtype: stored.dtype, shape: stored.shape, bytes });
  }
  return changed;
}

/** The graph behind a Transpose of the picture, under another name of the input. */
function behindTranspose(nodes: readonly GraphNode[], name: string): GraphNode[] {
  const last = `${name} as [N, H, W, C]`;
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (input === name ? last : input)),
  }));
  const attributes = { perm: [0, 2, 3, 1] };
  return [{ name: last, op: 'Transpose', inputs: [name], outputs: [last], attributes }, ...renamed];
}

/**
 * A model as one that takes one picture [1, C, H, W]: a fixed batch becomes 1, colours that come last come first, open sides become those
 * given. Other models stay as they are.
 */
export function fitInput(data: ModelData, sides: Sides | undefined): FittedModel {
  const [image, ...others] = data.inputs;
  const shape = image?.shape;
  if (shape?.length !== 4) return { data, whole: data, batch: 1, notes: [] };
  const notes: string[] = [];
  const last = isLast(shape);
  const [first, ...rest] = last ? [shape[0], shape[3], shape[1], shape[2]] : shape;
  const batch = typeof first === 'number' && first > 1 ? first : 1;
  const [channels, height, width] = rest;
  const isOpen = typeof height === 'string' || typeof width === 'string';
  const own = isOpen && sides !== undefined ? [sides.height, sides.width] : [height, width];
  if (
    !isOpen &&
    sides !== undefined &&
    sides.isOwn !== true &&
    (sides.height !== height || sides.width !== width)
  ) {
    throw new InputError(
      `Cannot use ${data.name} at ${sides.height} × ${sides.width}: its input is ${height} × ${width}; leave --size HEIGHTxWIDTH out`,
    );
  }
  if (batch > 1) notes.push(`${data.name} takes ${batch} pictures at once: each is explained alone`);
  const nodes = last ? behindTranspose(data.nodes, image.name) : data.nodes;
  const tensors = batch > 1 ? withoutBatch(data, batch) : data.tensors;
  const inputs = (count: number | string) => [{ ...image, shape: [count, channels, ...own] }, ...others];
  const whole = { ...data, nodes, inputs: inputs(first) };
  const outputs = data.outputs.map(({ name, dtype }) => ({ name, dtype }));
  return {
    data: batch > 1 ? { ...whole, tensors, outputs, inputs: inputs(1) } : whole,
    ...{ whole, batch, notes },
  };
}

/** How far outputs may differ between a picture alone and the same among others, relative to the largest. */
const ALIKE = 1e-4;

/**
 * Holds a model of a fixed batch against the same of one picture.
 * @throws InputError where a picture alone gives something else than among others: they meet in the network.
 */
export async function checkAlone(whole: Model, alone: Model, batch: number): Promise<void> {
  const shape = alone.inputShape;
  const random = createRandom(0);
  const pictures = Array.from({ length: batch }, () =>
    fromData(
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
      shape,
    ),
  );
  const before = await whole.run(stackRows(pictures));
  const after = await alone.run(pictures[0]);
  for (const { name } of alone.outputs) {
    const [a, b] = [contiguous(batchRow(before[name], 0)).data, contiguous(after[name]).data];
    let [most, error] = [0, a.length === b.length ? 0 : Number.POSITIVE_INFINITY];
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      most = Math.max(most, Math.abs(a[i]));
      error = Math.max(error, Math.abs(a[i] - b[i]));
    }
    if (error <= ALIKE * most) continue;
    throw new InputError(
      `Cannot explain ${alone.name}: it takes ${batch} pictures at once, and its output ${name} is another for a picture alone; export it for one picture`,
    );
  }
}
