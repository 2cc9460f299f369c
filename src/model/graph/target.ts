import type { Layout } from '../../autodiff/places/layout.ts';
import { type Shape, sameShape, sizeOf } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import type { Axes } from './axes.ts';
import { cutTensors, type Graph, nodesBetween, rowOf } from './graph.ts';
import { cellsOf, channelsOf, formatLayout } from './layout.ts';

/** What a target layer is looked for in front of: what gathers a map, or only moves or picks its entries. */
function isSkipped(graph: Graph, node: GraphNode): boolean {
  const row = rowOf(graph, node);
  return row?.pools === true || row?.moves !== undefined;
}

export interface TargetSearch {
  readonly graph: Graph;
  readonly image: string;
  /** What the layers lead to: the logits, or the tensors that a score reads. */
  readonly targets: readonly string[];
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly axes: Axes;
}

/** A layer that is explained unless the caller names one, and why that one. */
export interface Target {
  readonly tensor: string;
  readonly why: string;
}

/** A map: a tensor of known layout with more cells than one. */
interface FoundMap {
  readonly tensor: string;
  readonly shape: Shape;
  readonly layout: Layout;
  /** Whether the logits depend on cells of it. */
  readonly reaches: boolean;
}

function mapOf(tensor: string, { shapes, axes }: TargetSearch): FoundMap | undefined {
  const shape = shapes.get(tensor);
  const layout = shape && axes.layoutOf(tensor);
  if (shape === undefined || layout === undefined || cellsOf(layout, shape) < 2) return undefined;
  return { tensor, shape, layout, reaches: axes.reaches(tensor, layout) };
}

/** The maps that every path from the image to the logits crosses, in order. */
function crossedMaps(search: TargetSearch): FoundMap[] {
  const { graph, image, targets } = search;
  const cuts = cutTensors(graph, image, targets).filter((name) => name !== image);
  return cuts.flatMap((name) => mapOf(name, search) ?? []);
}

/**
 * Tensors of known layout and more than one cell that every path from the image to the logits crosses, and whose cells reach the logits:
 * the layers a CAM can explain.
 */
export const candidateTensors = (search: TargetSearch): string[] =>
  crossedMaps(search).flatMap(({ tensor, reaches }) => (reaches ? [tensor] : []));

/** How many classes the logits tell apart: in all, or at each cell where they are a map. */
function classesOf({ targets, shapes, axes }: TargetSearch): number | undefined {
  if (targets.length !== 1) return undefined;
  const [logits] = targets;
  const shape = shapes.get(logits);
  const layout = axes.layoutOf(logits);
  if (shape === undefined) return undefined;
  return layout !== undefined && cellsOf(layout, shape) > 1 ? channelsOf(layout, shape) : sizeOf(shape);
}

/** m channels that lead to the logits through ReLU and pools alone: a map for each class, not a layer of features. */
function isClassMap(search: TargetSearch, { tensor, shape, layout }: FoundMap): boolean {
  const { graph, targets } = search;
  if (channelsOf(layout, shape) !== classesOf(search)) return false;
  return nodesBetween(graph, tensor, targets).nodes.every((node) => {
    const row = rowOf(graph, node);
    return isSkipped(graph, node) || row?.keepsClassMap === true || row?.ending !== undefined;
  });
}

/** Whether a tensor is the logits, but for the order and the shape of their entries. */
function isOutput({ graph, targets }: TargetSearch, { tensor }: FoundMap): boolean {
  return nodesBetween(graph, tensor, targets).nodes.every((node) => rowOf(graph, node)?.moves !== undefined);
}

/** The nodes that read what another reads first of all, up to those that multiply by weights: a normalization, in one node or in many. */
function normalizedFrom(search: TargetSearch, before: FoundMap, next: string): string | undefined {
  const { graph } = search;
  const joins = graph.producer.get(next);
  // What passes by the block: the sum that ends it reads the tensor itself.
  const branch = joins?.inputs.find((input) => input !== before.tensor);
  if (branch === undefined || !joins?.inputs.includes(before.tensor)) return undefined;
  let found: string | undefined;
  for (const tensor of cutTensors(graph, before.tensor, [branch]).slice(1)) {
    const node = graph.producer.get(tensor);
    const isProduct = node !== undefined && rowOf(graph, node)?.weights !== undefined;
    const map = mapOf(tensor, search);
    if (isProduct || map?.reaches !== true || !sameShape(map.shape, before.shape)) break;
    found = tensor;
  }
  return found;
}

/**
 * The layer to explain unless the caller names one: walking back from the logits, the last candidate past pools, dropout, flatten and a
 * class map, after its activation. Where all behind it keeps only tokens of no place, what the block behind it reads of it: its normalization,
 * while what passes by the block is held.
 */
export function defaultTarget(search: TargetSearch): Target | undefined {
  const { graph, image } = search;
  const maps = crossedMaps(search);
  const at = maps.findLastIndex(
    (map) =>
      map.reaches &&
      !isSkipped(graph, graph.producer.get(map.tensor) as GraphNode) &&
      !isClassMap(search, map) &&
      !isOutput(search, map),
  );
  if (at < 0) return undefined;
  const [found, next] = maps.slice(at);
  const { tensor, layout } = found;
  if (next?.reaches === false && layout.kind === 'NTC' && layout.prefix > 0) {
    const normalized = normalizedFrom(search, found, next.tensor);
    const why = `behind it only ${prefixText(layout.prefix)} read, here the others are for the last time`;
    if (normalized !== undefined) return { tensor: normalized, why: `${why}; what passes by it is held` };
    return { tensor, why };
  }
  return {
    tensor,
    why: `the last ${formatLayout(layout)} that every path from ${image} crosses and whose cells reach the logits`,
  };
}

const prefixText = (prefix: number): string =>
  prefix === 1 ? 'the class token is' : `the first ${prefix} tokens are`;
