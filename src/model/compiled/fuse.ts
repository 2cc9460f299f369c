import { sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { GraphNode } from '../data/format.ts';
import { boundsOf } from './lower/bounds.ts';
import { type Activation, activationOf } from './lower/pointwise.ts';
import { normalizationScaling, type Scaling } from './lower/scaling.ts';

/** Nodes fused into one kernel: the first, then scaling, residual sum and bounds or an activation applied before the result is stored. */
export interface Unit {
  readonly nodes: readonly GraphNode[];
  readonly scaling?: Scaling;
  /** The constant that is added along the last axis of a product. */
  readonly shift?: string;
  /** The tensor that is added. */
  readonly residual?: string;
  readonly bounds?: { readonly low: number; readonly high: number };
  /** What is taken of each entry of a product, behind all else. */
  readonly activation?: Activation;
  /** The tensor that comes out. */
  readonly output: string;
}

export interface FusionSite {
  readonly nodes: readonly GraphNode[];
  /** Tensors that must come out as they are. */
  readonly targets: ReadonlySet<string>;
  constant(name: string): Tensor | undefined;
  /** Whether two tensors have one shape. */
  alike(a: string, b: string): boolean;
}

/** Operators whose result can be bounded before it is stored. */
const takesBounds: ReadonlySet<string> = new Set([
  'Conv',
  'Gemm',
  'MatMul',
  'Add',
  'Mul',
  'BatchNormalization',
]);

const isProduct = ({ op }: GraphNode) => op === 'Conv' || op === 'Gemm' || op === 'MatMul';

function soleConsumers({ nodes, targets }: FusionSite): Map<string, GraphNode> {
  const consumers = new Map<string, GraphNode | undefined>();
  for (const node of nodes) {
    for (const input of node.inputs) consumers.set(input, consumers.has(input) ? undefined : node);
  }
  return new Map(
    [...consumers].flatMap(([name, node]) => (node && !targets.has(name) ? [[name, node] as const] : [])),
  );
}

/** Gathers nodes into units: Conv with BatchNormalization, a residual sum and bounds; products and sums with bounds, or products with an activation. */
export function fuseNodes(site: FusionSite, given: Iterable<string>): Unit[] {
  const next = soleConsumers(site);
  const available = new Set(given);
  const absorbed = new Set<GraphNode>();
  const units: Unit[] = [];
  for (const node of site.nodes) {
    if (absorbed.has(node)) continue;
    let unit: Unit = { nodes: [node], output: node.outputs[0] };
    for (;;) {
      const follower = next.get(unit.output);
      const grown = follower && node.outputs.length === 1 && grow(unit, follower, { site, available });
      if (!grown) break;
      absorbed.add(follower);
      unit = grown;
    }
    for (const one of unit.nodes) for (const output of one.outputs) available.add(output);
    units.push(unit);
  }
  return units;
}

/** Whether a constant holds one number, or one for each entry of the last axis. */
function isLastRow(constant: Tensor | undefined): boolean {
  return constant !== undefined && sizeOf(constant.shape) === (constant.shape.at(-1) ?? 1);
}

function grow(
  unit: Unit,
  follower: GraphNode,
  { site, available }: { site: FusionSite; available: ReadonlySet<string> },
): Unit | undefined {
  const [first] = unit.nodes;
  const isClosed = unit.bounds !== undefined || unit.activation !== undefined;
  if (!takesBounds.has(first.op) || isClosed || follower.outputs.length !== 1) return undefined;
  const nodes = [...unit.nodes, follower];
  const output = follower.outputs[0];
  const constant = (i: number) => site.constant(follower.inputs[i] ?? '');
  if (follower.op === 'BatchNormalization') {
    if (first.op !== 'Conv' || unit.nodes.length > 1 || follower.inputs[0] !== unit.output) return undefined;
    const scaling = normalizationScaling(follower, constant);
    return scaling && { ...unit, nodes, scaling, output };
  }
  if (follower.op === 'Add') {
    const [a, b] = follower.inputs;
    const residual = a === unit.output ? b : a;
    const isRow = first.op === 'MatMul' && unit.nodes.length === 1 && isLastRow(site.constant(residual));
    if (isRow && site.alike(unit.output, output)) return { ...unit, nodes, shift: residual, output };
    const fits =
      (first.op === 'Conv' || first.op === 'MatMul') &&
      unit.residual === undefined &&
      residual !== unit.output &&
      available.has(residual);
    return fits && site.alike(unit.output, residual) ? { ...unit, nodes, residual, output } : undefined;
  }
  const activation = isProduct(first) ? activationOf(follower) : undefined;
  if (activation !== undefined) return { ...unit, nodes, activation, output };
  const bounds = boundsOf(follower, constant);
  return bounds && { ...unit, nodes, bounds, output };
}
