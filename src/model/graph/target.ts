import { type Shape, sizeOf } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import { cutTensors, descendantsOf, type Graph, nodesFor, rowOf } from './graph.ts';

/** What a target layer is looked for in front of: what gathers a map, or only moves its entries. */
function isSkipped(graph: Graph, node: GraphNode): boolean {
  const row = rowOf(graph, node);
  return row?.pools === true || row?.moves !== undefined;
}

const isMap = (shape: Shape | undefined): shape is Shape => shape?.length === 4 && shape[2] * shape[3] > 1;

export interface TargetSearch {
  readonly graph: Graph;
  readonly image: string;
  readonly logits: string;
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * Tensors [N, K, H, W], H·W > 1, that every path from the image to the logits crosses: the layers a CAM can explain. Behind
 * a tensor of one cell nothing is a map any more, whatever its shape says (channels may have moved to the last axis).
 */
export function candidateTensors({ graph, image, logits, shapes }: TargetSearch): string[] {
  const cuts = cutTensors(graph, image, logits).filter((name) => name !== image);
  const gathered = cuts.findIndex((name) => {
    const shape = shapes.get(name);
    return shape?.length === 4 && shape[2] * shape[3] === 1;
  });
  return (gathered < 0 ? cuts : cuts.slice(0, gathered)).filter((name) => isMap(shapes.get(name)));
}

/** m channels that lead to the logits through ReLU and pools alone: a map for each class, not a layer of features. */
function isClassMap({ graph, logits, shapes }: TargetSearch, name: string): boolean {
  const classes = shapes.get(logits);
  if (classes === undefined || shapes.get(name)?.[1] !== sizeOf(classes)) return false;
  const after = descendantsOf(graph, [name]);
  return nodesFor(graph, [logits], new Set([name]))
    .filter((node: GraphNode) => node.inputs.some((input) => after.has(input)))
    .every((node) => isSkipped(graph, node) || rowOf(graph, node)?.keepsClassMap === true);
}

/**
 * The layer to explain unless the caller names one: walking back from the logits, the last candidate past pools,
 * dropout, flatten and a class map, after its activation.
 */
export function defaultTarget(search: TargetSearch): string | undefined {
  return candidateTensors(search)
    .reverse()
    .find((name) => {
      const node = search.graph.producer.get(name);
      return node !== undefined && !isSkipped(search.graph, node) && !isClassMap(search, name);
    });
}
