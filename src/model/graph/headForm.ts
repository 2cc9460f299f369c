import type { Affine } from '../../layers/layer.ts';
import { kernelOf, readWindow } from '../../layers/window.ts';
import { type Shape, sameShape } from '../../tensor/shape.ts';
import type { GraphNode } from '../data/format.ts';
import { descendantsOf, type Graph, nodesFor, rowOf } from './graph.ts';

/**
 * What a head is made of, where its logits' slopes are known up to gates of 0 and 1:
 * `affine`: every slope ∂z_c/∂A_i is a number that no image changes;
 * `tiled`: A goes through one max-pool of windows that do not overlap, what follows is affine: in each window one slope is left;
 * `gated`: cells go through an affine map of their channels, or none, and a gate, and z_c is the sum of one channel over the cells with one
 * factor: a cell's slopes pass or vanish together.
 */
export interface HeadForm {
  readonly kind: 'affine' | 'tiled' | 'gated';
  readonly reason: string;
}

const reasons: Readonly<Record<HeadForm['kind'], string>> = {
  affine: 'everything between the layer and the logits is affine',
  tiled: 'the layer goes through one max-pool of windows that do not overlap, and all behind it is affine',
  gated: 'cells pass a gate with all their channels together, and the logit is their mean',
};

/** How a tensor depends on the layer. */
type State = HeadForm['kind'] | 'layer' | 'cells' | 'gates';

interface Search {
  readonly graph: Graph;
  readonly layer: string;
  readonly logits: string;
  readonly shapes: ReadonlyMap<string, Shape>;
}

/** What A itself and affine maps of it have become. */
const afterAffine: Readonly<Record<State, State | undefined>> = {
  layer: 'affine',
  cells: 'affine',
  affine: 'affine',
  tiled: 'tiled',
  // Behind a gate channels must not be mixed, and cells only be summed.
  gates: undefined,
  gated: undefined,
};

const isOne = (list: readonly number[]) => list.every((each) => each === 1);

const keepsShape = ({ inputs, outputs }: GraphNode, { shapes }: Search): boolean => {
  const [x, y] = [shapes.get(inputs[0]), shapes.get(outputs[0])];
  return x !== undefined && y !== undefined && sameShape(x, y);
};

/** A window of one cell, which mixes channels alone. */
function isCellwise(node: GraphNode, { graph, shapes }: Search): boolean {
  const { attributes, inputs } = node;
  const row = rowOf(graph, node);
  if (row?.sees === 'cell') return true;
  if (row?.sees !== 'window' || row.affine === undefined) return false;
  const kernel = kernelOf(attributes, shapes.get(inputs[1] ?? ''));
  const { strides, padsBefore, padsAfter } = readWindow(attributes, kernel, kernel);
  return isOne(kernel) && isOne(strides) && [...padsBefore, ...padsAfter].every((pad) => pad === 0);
}

/** A maximum over windows of which none shares a cell with another. */
function isTiling({ op, attributes, inputs, outputs }: GraphNode, { shapes }: Search): boolean {
  const [x, y] = [shapes.get(inputs[0]), shapes.get(outputs[0])];
  if (x?.length !== 4 || y?.length !== 4 || outputs.length > 1) return false;
  if (op === 'GlobalMaxPool') return true;
  if (op === 'ReduceMax') return y[1] === x[1] && y[2] * y[3] === 1;
  if (op !== 'MaxPool') return false;
  const { kernel, strides, dilations } = readWindow(attributes, kernelOf(attributes), x.slice(2));
  return isOne(dilations) && kernel.every((side, i) => strides[i] >= side);
}

/** The sum or mean of each channel over all cells of a map [N, K, H, W]. */
function sumsMap(node: GraphNode, { graph, shapes }: Search): boolean {
  const { attributes, inputs, outputs } = node;
  const [x, y] = [shapes.get(inputs[0]), shapes.get(outputs[0])];
  const row = rowOf(graph, node);
  if (x?.length !== 4 || y === undefined || row?.affine !== 'first' || row.pools !== true) return false;
  if (y[1] !== x[1] || y.slice(2).some((length) => length !== 1)) return false;
  if (row.sees !== 'window') return true;
  const { kernel, padsBefore, padsAfter } = readWindow(attributes, kernelOf(attributes), x.slice(2));
  return kernel.every((side, i) => side === x[i + 2] && padsBefore[i] === 0 && padsAfter[i] === 0);
}

/** The state of what a node gives, `states` being those of its inputs that depend on the layer. */
function stateOf(node: GraphNode, states: readonly State[], search: Search): State | undefined {
  const row = rowOf(search.graph, node);
  if (row === undefined) return undefined;
  const [state] = states;
  if (states.some((each) => each !== state)) return meet(node, states, search);
  if (row.moves === 'renames' && (state === 'gated' || keepsShape(node, search))) return state;
  if (state === 'layer' && isTiling(node, search)) return 'tiled';
  if ((state === 'layer' || state === 'cells') && row.gates === true) return 'gates';
  if (state === 'gates') return sumsMap(node, search) ? 'gated' : undefined;
  if (!isAffine(node, states.length, search)) return undefined;
  const keepsCells = (state === 'layer' || state === 'cells') && isCellwise(node, search);
  return keepsCells ? 'cells' : afterAffine[state];
}

/** Tensors of several states meet in an affine sum where none of them holds winners or gates. */
function meet(node: GraphNode, states: readonly State[], search: Search): State | undefined {
  const plain = states.every((each) => each === 'layer' || each === 'cells' || each === 'affine');
  return plain && isAffine(node, states.length, search) ? 'affine' : undefined;
}

function affineOf(node: GraphNode, { graph }: Search): Affine | undefined {
  const fact = rowOf(graph, node)?.affine;
  return typeof fact === 'function' ? fact({ attributes: node.attributes }) : fact;
}

function isAffine(node: GraphNode, dependent: number, search: Search): boolean {
  const affine = affineOf(node, search);
  return affine === 'jointly' || (affine !== undefined && dependent === 1);
}

/** The form of the head behind a layer; undefined where it has none of these. Tensors that pass by the layer are another question. */
export function headForm(search: Search): HeadForm | undefined {
  const { graph, layer, logits } = search;
  const behind = descendantsOf(graph, [layer]);
  const states = new Map<string, State>([[layer, 'layer']]);
  let tilings = 0;
  for (const node of nodesFor(graph, [logits], new Set([layer]))) {
    const dependent = node.inputs.flatMap((input, i) => (behind.has(input) ? [i] : []));
    if (dependent.length === 0) continue;
    if (affineOf(node, search) === 'first' && dependent.some((i) => i > 0)) return undefined;
    const state = stateOf(
      node,
      dependent.map((i) => states.get(node.inputs[i]) as State),
      search,
    );
    if (state === undefined) return undefined;
    if (state === 'tiled' && isTiling(node, search)) tilings++;
    for (const output of node.outputs) if (output !== '') states.set(output, state);
  }
  const state = states.get(logits);
  if (tilings > 1 || state === undefined || state === 'gates') return undefined;
  const kind = state === 'layer' || state === 'cells' ? 'affine' : state;
  return { kind, reason: reasons[kind] };
}
