import type { Layer } from '../../layers/layer.ts';
import { kernelOf, readWindow } from '../../layers/window.ts';
import type { WindowAttributes } from '../../tensor/kernels/reference/window.ts';
import type { Shape } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import { descendantsOf, nodesFor, rowOf } from './graph.ts';
import { mapShape } from './layout.ts';
import type { TargetSearch } from './target.ts';

/** A rectangle of cells, half-open: rows y0 … y1 − 1, columns x0 … x1 − 1. */
export interface Box {
  readonly y0: number;
  readonly x0: number;
  readonly y1: number;
  readonly x1: number;
}

function union(a: Box | undefined, b: Box): Box {
  if (a === undefined) return b;
  return {
    y0: Math.min(a.y0, b.y0),
    x0: Math.min(a.x0, b.x0),
    y1: Math.max(a.y1, b.y1),
    x1: Math.max(a.x1, b.x1),
  };
}

const whole = (shape: Shape): Box => ({ y0: 0, x0: 0, y1: shape[2], x1: shape[3] });

function clampTo(box: Box, shape: Shape): Box {
  return {
    y0: Math.max(0, box.y0),
    x0: Math.max(0, box.x0),
    y1: Math.min(shape[2], box.y1),
    x1: Math.min(shape[3], box.x1),
  };
}

/** The cells along one axis of a window's input that its outputs from … to − 1 read. */
function windowRange(window: WindowAttributes, axis: number, [from, to]: readonly [number, number]) {
  const { kernel, strides, dilations, padsBefore } = window;
  const first = from * strides[axis] - padsBefore[axis];
  return [first, first + (to - 1 - from) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1];
}

interface NodeFacts {
  readonly sees: Layer['sees'] | undefined;
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: Shape | undefined;
}

/** The input cells that a box of the node's output may depend on. */
function seen({ attributes }: GraphNode, box: Box, { sees, input, output, weights }: NodeFacts): Box {
  if (sees === 'window') {
    const window = readWindow(attributes, kernelOf(attributes, weights), input.slice(2));
    const [y0, y1] = windowRange(window, 0, [box.y0, box.y1]);
    const [x0, x1] = windowRange(window, 1, [box.x0, box.x1]);
    return clampTo({ y0, x0, y1, x1 }, input);
  }
  const sameSides = input[2] === output[2] && input[3] === output[3];
  return sees === 'cell' && sameSides ? box : whole(input);
}

/** Whether a node only puts axes in another order, or left out what lies nowhere: cells are where they were. */
function onlyMoves(
  node: GraphNode,
  tensors: readonly string[],
  { graph, shapes, axes }: Pick<TargetSearch, 'graph' | 'shapes' | 'axes'>,
): boolean {
  if (rowOf(graph, node)?.moves === undefined) return false;
  const [one, other] = tensors.map((name) => {
    const [layout, shape] = [axes.layoutOf(name), shapes.get(name)];
    return layout && shape && mapShape(layout, shape).slice(1).join();
  });
  return one !== undefined && one === other;
}

/**
 * The part of the image that cells of a layer can depend on, in pixels of the network's input: through convolutions and
 * pools exactly, through any other operation that moves cells the whole picture.
 */
export function receptiveField(
  search: Pick<TargetSearch, 'graph' | 'image' | 'shapes' | 'axes'>,
  layer: string,
  cells: Box,
): Box {
  const { graph, image, shapes } = search;
  const boxes = new Map<string, Box>([[layer, cells]]);
  const fromImage = descendantsOf(graph, [image]);
  const size = shapes.get(image) as Shape;
  for (const node of nodesFor(graph, [layer], new Set([image])).reverse()) {
    const tensor = node.outputs.find((name) => boxes.has(name));
    const box = tensor === undefined ? undefined : boxes.get(tensor);
    const output = tensor === undefined ? undefined : shapes.get(tensor);
    if (box === undefined) continue;
    for (const name of node.inputs) {
      if (!fromImage.has(name)) continue;
      const input = shapes.get(name);
      if (input === undefined || output === undefined) return whole(size);
      if (tensor !== undefined && onlyMoves(node, [name, tensor], search)) {
        boxes.set(name, union(boxes.get(name), box));
        continue;
      }
      const isPlain = [name, tensor].every((each) => search.axes.layoutOf(each ?? '')?.kind === 'NCHW');
      if (!isPlain) return whole(size);
      const weights = shapes.get(node.inputs[1] ?? '');
      const facts = { sees: rowOf(graph, node)?.sees, input, output, weights };
      boxes.set(name, union(boxes.get(name), seen(node, box, facts)));
    }
  }
  return boxes.get(image) ?? whole(size);
}
