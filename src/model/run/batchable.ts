import { InputError } from '../../tensor/errors.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import type { Program, Value } from './program.ts';
import { assumedShape, inferFrom } from './shapes.ts';

const known = new WeakMap<Program, boolean>();

/** Batch sizes tried. Three, since one or two may coincide with another length of the graph. */
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

/** Whether a node of images keeps them apart, as its operator's row says. */
function keepsApart(
  { op, inputs, outputs, attributes }: GraphNode,
  rank: number,
  { graph, constants }: Program,
): boolean {
  const { images } = graph.layers[op];
  if (images === 'apart') return true;
  const constant = (i: number) => {
    const tensor = constants.get(inputs[i] ?? '')?.tensor;
    return tensor && Array.from(tensor.data);
  };
  return images({ attributes, rank, outputs: outputs.length, constant });
}

/**
 * Tensors computed from pixels; undefined where a node mixes images, or the batch size enters a value. Read by Shape, it may steer
 * shapes only.
 */
function valuesOfImages(
  program: Program,
  image: string,
  shapes: ReadonlyMap<string, Value>,
): Set<string> | undefined {
  const values = new Set([image]);
  const counts = new Set<string>();
  const { data, layers } = program.graph;
  for (const node of data.nodes) {
    const { op, inputs, outputs } = node;
    const of = inputs.find((input) => values.has(input));
    const numbered = inputs.flatMap((input, i) => (counts.has(input) ? [i] : []));
    if (of === undefined && numbered.length === 0) continue;
    const { readsShapes, steeredFrom } = layers[op];
    const isValue = of !== undefined && readsShapes !== true;
    if (isValue) {
      const rank = shapes.get(of)?.tensor.shape.length ?? 0;
      if (numbered.some((i) => i < steeredFrom) || !keepsApart(node, rank, program)) return undefined;
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
