import { listOf, number, numbers } from '../layers/layer.ts';
import { InputError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import type { GraphNode } from './format.ts';
import type { Program, Value } from './program.ts';
import { assumedShape, inferFrom, readsShapes, steeredFrom } from './shapes.ts';

const known = new WeakMap<Program, boolean>();

/** Numbers of images for which a graph must keep them apart: a length of its own may happen to equal one of them. */
const COUNTS = [1, 2, 3];

/** Shapes of all tensors for so many images; undefined where the graph refuses that. */
function shapesFor({ program, image, count }: { program: Program; image: string; count: number }) {
  const { inputs, nodes } = program.graph.data;
  const given = inputs.map((input) => {
    const [, ...rest] = assumedShape(input);
    return [
      input.name,
      { shape: input.name === image ? [count, ...rest] : [1, ...rest], type: input.dtype },
    ] as const;
  });
  try {
    return inferFrom(program, new Map(given), nodes).values;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Operators that gather along axis 0 unless told otherwise. */
const alongFirst: ReadonlySet<string> = new Set(['Gather', 'GatherElements']);

/** Whether a node works along axis 0 of a tensor of this rank and gives a tensor of its shape all the same. */
function worksAcross(
  { op, inputs, outputs, attributes }: GraphNode,
  rank: number,
  { constants }: Program,
): boolean {
  const isFirst = (axis: number) => axis === 0 || axis === -rank;
  const list = (name: string, i: number) => listOf(attributes, name, constants.get(inputs[i] ?? '')?.tensor);
  const all = Array.from({ length: rank }, (_, axis) => axis);
  switch (op) {
    case 'BatchNormalization':
      return number(attributes, 'training_mode', 0) !== 0;
    case 'MeanVarianceNormalization':
      return numbers(attributes, 'axes', [0, 2, 3]).some(isFirst);
    case 'Slice': {
      const steps = list('steps', 4);
      return (list('axes', 3) ?? all).some((axis, i) => isFirst(axis) && (steps?.[i] ?? 1) < 0);
    }
    case 'Pad': {
      const axes = list('axes', 3) ?? all;
      const pads = list(attributes.paddings === undefined ? 'pads' : 'paddings', 1) ?? [];
      return axes.some((axis, i) => isFirst(axis) && (pads[i] !== 0 || pads[i + axes.length] !== 0));
    }
    case 'MaxPool': // positions are counted over all images
      return outputs.length > 1;
    default: {
      const axis = attributes.axis ?? (alongFirst.has(op) ? 0 : undefined);
      return typeof axis === 'number' && isFirst(axis);
    }
  }
}

/**
 * Tensors that hold values of the images; undefined where a node mixes the images, or their number enters a value. A number read
 * from a shape may say shapes only.
 */
function valuesOfImages(
  program: Program,
  image: string,
  shapes: ReadonlyMap<string, Value>,
): Set<string> | undefined {
  const values = new Set([image]);
  const counts = new Set<string>();
  for (const node of program.graph.data.nodes) {
    const { op, inputs, outputs } = node;
    const of = inputs.find((input) => values.has(input));
    const numbered = inputs.flatMap((input, i) => (counts.has(input) ? [i] : []));
    if (of === undefined && numbered.length === 0) continue;
    const isValue = of !== undefined && !readsShapes.has(op);
    if (isValue) {
      const rank = shapes.get(of)?.tensor.shape.length ?? 0;
      const steering = steeredFrom[op] ?? inputs.length;
      if (numbered.some((i) => i < steering) || worksAcross(node, rank, program)) return undefined;
    }
    for (const output of outputs) if (output !== '') (isValue ? values : counts).add(output);
  }
  return values;
}

/** Whether axis 0 stays the images’ own: of length N in every tensor of theirs, and never worked along. */
function keepsImagesApart(program: Program, image: string): boolean {
  const [one, ...others] = COUNTS.map((count) => shapesFor({ program, image, count }));
  const values = one && valuesOfImages(program, image, one);
  if (values === undefined) return false;
  const shapeOf = (shapes: ReadonlyMap<string, Value> | undefined, name: string): Shape =>
    shapes?.get(name)?.tensor.shape ?? [];
  return [...values].every((name) => {
    const [first, ...rest] = shapeOf(one, name);
    return others.every((shapes, i) => {
      const [length, ...own] = shapeOf(shapes, name);
      return first === COUNTS[0] && length === COUNTS[i + 1] && own.join() === rest.join();
    });
  });
}

/** Whether a graph computes for each of several images what it computes for that image alone. */
export function isBatchable(program: Program, image: string): boolean {
  const batchable = known.get(program) ?? keepsImagesApart(program, image);
  known.set(program, batchable);
  return batchable;
}
