import { type Layout, layoutOf, placedAs } from '../../autodiff/places/layout.ts';
import { createPlacesRun, type Placed } from '../../autodiff/places/placesRun.ts';
import { hasAny } from '../../autodiff/places/reach.ts';
import type { Mask } from '../../autodiff/places/spread.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { Axes } from '../graph/axes.ts';
import { type Graph, rowOf } from '../graph/graph.ts';
import type { Program } from './program.ts';
import { assumedShape, inferFrom } from './shapes.ts';

/** Lengths of an axis that holds the colours of pictures. */
const COLOURS = [1, 3, 4];

/** The layout of pictures of a shape: as what reads them says, else by the axis of their colours. */
function pictureLayout(graph: Graph, image: string, shape: Shape): 'NCHW' | 'NHWC' | undefined {
  if (shape.length !== 4) return undefined;
  const alike = new Set([image]);
  for (const node of graph.data.nodes) {
    if (!node.inputs.some((input) => alike.has(input))) continue;
    const row = rowOf(graph, node);
    if (alike.has(node.inputs[0]) && (row?.sees === 'window' || row?.hasSides === true)) return 'NCHW';
    if (row?.sees === 'cell' && row.images === 'apart') for (const output of node.outputs) alike.add(output);
  }
  if (COLOURS.includes(shape[1])) return 'NCHW';
  return COLOURS.includes(shape[3]) ? 'NHWC' : undefined;
}

const axesOf: Readonly<Record<Layout['kind'], readonly number[]>> = { NCHW: [2, 3], NHWC: [1, 2], NTC: [1] };

function hasCells(mask: Mask, shape: Shape, layout: Layout): boolean {
  const first = layout.kind === 'NTC' ? layout.prefix : 0;
  return axesOf[layout.kind].every((axis) => hasAny(mask[axis], (index) => index >= first, shape[axis]));
}

/** Follows the axes of the image through the graph; one pass on shapes, and one back from each target. */
export function followAxes(program: Program, image: string, targets: readonly string[]): Axes {
  const { graph } = program;
  const { inputs, nodes } = graph.data;
  const run = createPlacesRun();
  const given = inputs.map(
    (input) => [input.name, { shape: assumedShape(input), type: input.dtype }] as const,
  );
  const { values } = inferFrom(program, new Map(given), nodes, {
    run,
    place(name, shape) {
      const layout = name === image ? pictureLayout(graph, image, shape) : undefined;
      return layout && run.place(shape, [placedAs(layout, shape)]);
    },
    revise: (node, y, [x]) =>
      rowOf(graph, node)?.resizes === true && x !== undefined ? run.resized(x, y) : y,
  });
  const placedOf = (name: string): Placed | undefined => {
    const tensor = values.get(name)?.tensor;
    return tensor && run.knownOf(tensor);
  };
  const [images] = values.get(image)?.tensor.shape ?? [];
  let masks: readonly ReadonlyMap<Placed, Mask>[] | undefined;
  const reach = () => {
    masks ??= targets.flatMap((name) => {
      const target = placedOf(name);
      return target === undefined ? [] : [run.reach(target)];
    });
    return masks;
  };
  return {
    layoutOf(tensor) {
      const placed = placedOf(tensor);
      if (placed === undefined || placed.places === 'lost' || placed.places.length !== 1) return undefined;
      return placed.shape[0] === images ? layoutOf(placed.places[0]) : undefined;
    },
    reaches(tensor, layout) {
      const placed = placedOf(tensor);
      // Where the network goes on by values, what the targets depend on is not known before.
      if (placed === undefined || targets.some((name) => placedOf(name) === undefined)) return true;
      return reach().some((found) => {
        const mask = found.get(placed);
        return mask !== undefined && hasCells(mask, placed.shape, layout);
      });
    },
  };
}
