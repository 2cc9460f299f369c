import { InputError } from '../tensor/errors.ts';
import { descendantsOf } from './graph.ts';
import type { Program, Value } from './program.ts';
import { assumedShape, inferFrom } from './shapes.ts';

const known = new WeakMap<Program, boolean>();

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

/** Whether axis 0 stays the images’ own: of length N in every tensor that descends from N images, and never worked along. */
function keepsImagesApart(program: Program, image: string): boolean {
  const one = shapesFor({ program, image, count: 1 });
  const two = shapesFor({ program, image, count: 2 });
  if (one === undefined || two === undefined) return false;
  const fromImage = descendantsOf(program.graph, [image]);
  if (
    program.graph.data.nodes.some(
      ({ inputs, attributes }) => attributes.axis === 0 && inputs.some((x) => fromImage.has(x)),
    )
  ) {
    return false;
  }
  const lengths = (value: Value | undefined) => value?.tensor.shape ?? [];
  for (const name of fromImage) {
    const [first, ...rest] = lengths(one.get(name));
    const [second, ...others] = lengths(two.get(name));
    if (first !== 1 || second !== 2 || rest.join() !== others.join()) return false;
  }
  return true;
}

/** Whether a graph computes for each of several images what it computes for that image alone. */
export function isBatchable(program: Program, image: string): boolean {
  const batchable = known.get(program) ?? keepsImagesApart(program, image);
  known.set(program, batchable);
  return batchable;
}
