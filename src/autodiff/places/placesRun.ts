import { InputError } from '../../tensor/errors.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { AxisPath, Primitive } from '../primitive.ts';
import { createShapeRun, type ShapeRun } from '../shapes.ts';
import { follow } from './follow.ts';
import type { Placement, Places } from './placement.ts';
import { reachedBefore, united } from './reach.ts';
import type { Mask } from './spread.ts';

/** A tensor of a run: where its entries lie, and what it was made of. */
export interface Placed {
  readonly index: number;
  readonly shape: Shape;
  readonly places: Places;
  readonly path: AxisPath;
  readonly inputs: readonly (Placed | undefined)[];
  readonly inputShapes: readonly Shape[];
}

/** What becomes of a primitive's axes, as its row says, or as its kind does. */
export function axisPathOf(primitive: Primitive, attributes: unknown): AxisPath {
  if (primitive.axes !== undefined) return primitive.axes(attributes);
  return { kind: primitive.shape === undefined ? 'aligned' : 'lost' };
}

/** A run of a function on shapes, and on what their axes mean. */
export interface PlacesRun extends ShapeRun<Placed> {
  /** A tensor of this shape whose entries lie there. */
  place(shape: Shape, ways: readonly Placement[]): Tensor;
  /** y, of an operator whose cells lie over those of x in another number. */
  resized(x: Tensor, y: Tensor): Tensor;
  /** For each tensor that the target may depend on, the indices of its axes that it does depend on, perhaps more, never less. */
  reach(target: Placed): ReadonlyMap<Placed, Mask>;
}

function placesOf(
  path: AxisPath,
  inputs: readonly (Placed | undefined)[],
  shapes: { inputs: readonly Shape[]; output: Shape },
): Places {
  const isLost = inputs.some((input) => input?.places === 'lost');
  if (isLost && path.kind !== 'windowed') return 'lost';
  const placed = shapes.inputs.map((shape, i) => {
    const ways = inputs[i]?.places ?? [];
    return { shape, ways: ways === 'lost' ? [] : ways };
  });
  try {
    return follow(path, placed, shapes.output);
  } catch (error) {
    // There is no room for a table of positions: where its entries lie is not known.
    if (error instanceof InputError) return 'lost';
    throw error;
  }
}

/** What the axes of tensors mean, followed through a function by the facts of its primitives, without computing a number. */
export function createPlacesRun(): PlacesRun {
  let count = 0;
  const made = (
    shape: Shape,
    places: Places,
    rest: Pick<Placed, 'path' | 'inputs' | 'inputShapes'>,
  ): Placed => ({
    index: count++,
    shape,
    places,
    ...rest,
  });
  const given = (shape: Shape, ways: readonly Placement[]) =>
    made(shape, ways, { path: { kind: 'lost' }, inputs: [], inputShapes: [] });
  const run = createShapeRun<Placed>({
    input: (shape) => given(shape, []),
    apply(primitive, { inputs, shapes, attributes }, output) {
      const path = axisPathOf(primitive, attributes);
      const places = placesOf(path, inputs, { inputs: shapes, output });
      return made(output, places, { path, inputs, inputShapes: shapes });
    },
  });
  return {
    ...run,
    resized(x, y) {
      const placed = run.knownOf(x);
      if (placed === undefined) return y;
      const path = { kind: 'windowed', spatial: y.shape.length - 2, channels: false } as const;
      const shapes = [placed.shape];
      const places = placesOf(path, [placed], { inputs: shapes, output: y.shape });
      return run.input(
        y.shape,
        y.dtype,
        made(y.shape, places, { path, inputs: [placed], inputShapes: shapes }),
      );
    },
    place: (shape, ways) => run.input(shape, 'float32', given(shape, ways)),
    reach(target) {
      const masks = new Map<Placed, Mask>([[target, target.shape.map(() => undefined)]]);
      const waiting = [target];
      while (waiting.length > 0) {
        // What was made last is no longer reached by what is still waiting.
        const placed = waiting.pop() as Placed;
        const { path, inputs, inputShapes, shape } = placed;
        inputs.forEach((input, which) => {
          if (input === undefined) return;
          const isNew = !masks.has(input);
          const mask = reachedBefore(path, masks.get(placed) as Mask, {
            which,
            shapes: inputShapes,
            output: shape,
          });
          masks.set(input, united(masks.get(input), mask));
          if (isNew) insert(waiting, input);
        });
      }
      return masks;
    },
  };
}

/** Puts a tensor among others that are in the order in which they were made. */
function insert(list: Placed[], placed: Placed): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].index < placed.index) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, placed);
}
