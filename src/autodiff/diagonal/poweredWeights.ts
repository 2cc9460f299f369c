import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { castTo, contiguous, fromData, full, type Tensor } from '../../tensor/tensor.ts';
import { factorial } from '../coefficients.ts';
import { addRow, mulRow, negRow, subRow } from '../primitives/arithmetic.ts';
import { scaleRow } from '../primitives/choose.ts';
import { isNode, type Operation, pullbackSteps, type TapeNode } from '../tape.ts';
import { apply, concrete } from '../trace.ts';
import { free, nodeCost, plus, times, workOf } from './cost.ts';
import { bends, type Coefficients, fusedOf, fusedRow, mapOf } from './fuse.ts';
import { joinsOf } from './joins.ts';
import { laneBytes } from './lanes.ts';
import { type Diagonals, type Estimate, emptyDiagonals, type PlanRow, refused, type Task } from './plan.ts';
import type { Structure } from './structure.ts';

/** One smooth function φ of u, and the operations that lead from the activation to u, which has one path from each entry. */
interface Unit {
  readonly node: TapeNode;
  /** From the activation on. */
  readonly chain: readonly TapeNode[];
}

function chainTo({ root }: Structure, u: TapeNode): TapeNode[] | string {
  const chain: TapeNode[] = [];
  for (let node = u; node !== root; ) {
    chain.unshift(node);
    const inputs = node.operation?.inputs.filter(isNode) ?? [];
    if (inputs.length !== 1)
      return `${inputs.length} paths meet in ${node.operation?.primitive.name} before φ`;
    [node] = inputs;
  }
  return chain;
}

/** Whether each entry of the last node has one path at most from each entry of the activation; a text says where not. */
function onePath(chain: readonly TapeNode[]): string | undefined {
  let toOne = true;
  for (const { operation, value } of chain) {
    const { inputs, primitive } = operation as Operation;
    const joins = joinsOf(operation as Operation, inputs.findIndex(isNode), value.shape);
    if (joins === undefined) return `it is not known how ${primitive.name} joins entries`;
    if (!toOne && !joins.fromOne) return `entries reach φ by several paths, which meet in ${primitive.name}`;
    toOne = toOne && joins.toOne;
  }
  return undefined;
}

function unitsOf(structure: Structure): Unit[] | string {
  const { tape, used, linear } = structure;
  const units: Unit[] = [];
  for (const node of tape.nodes) {
    const { index, operation } = node;
    if (operation === undefined || used[index] === 0 || linear[index] === 1 || !bends(operation)) continue;
    const [u] = operation.inputs;
    if (operation.primitive !== (fusedRow as unknown))
      return `${operation.primitive.name} is no function of single values`;
    if (!isNode(u) || linear[u.index] === 0) return 'one smooth function is taken of another';
    const chain = chainTo(structure, u);
    if (typeof chain === 'string') return chain;
    const why = onePath(chain);
    if (why !== undefined) return why;
    units.push({ node, chain });
  }
  return units.length === 0 ? 'there is no smooth function' : units;
}

/** Fixed weights whose powers are written out: no more numbers than this. */
const MOST_WEIGHTS = 2 ** 26;

const powered = (x: Tensor, order: number): Tensor => {
  const { data, shape } = contiguous(concrete(x));
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) {
    let power = data[i];
    for (let k = 1; k < order; k++) power *= data[i];
    out[i] = power;
  }
  return fromData(out, shape);
};

/** The operation with all that it multiplies by raised to a power. */
function raised(operation: Operation, input: TapeNode, order: number): Operation {
  const { primitive, attributes } = mapOf(operation);
  const which = operation.inputs.findIndex(isNode);
  const sign =
    primitive === (negRow as unknown) || (primitive === (subRow as unknown) && which === 1)
      ? (-1) ** order
      : 1;
  const value = operation.values[which];
  const inputs = operation.inputs.map((x) => (isNode(x) ? input : x));
  const same = { inputs, values: operation.values, linearMap: undefined, attributes };
  if (sign === -1) return { ...same, primitive };
  if (primitive === (negRow as unknown) || primitive === (subRow as unknown)) {
    return { ...same, primitive: addRow, inputs: [input], values: [value] };
  }
  if (primitive === (scaleRow as unknown)) {
    return {
      ...same,
      primitive,
      attributes: { factor: powered((attributes as { factor: Tensor }).factor, order) },
    };
  }
  if (primitive.kind !== 'bilinear') return { ...same, primitive };
  return {
    ...same,
    primitive,
    values: operation.values.map((x, i) => (i === which ? x : powered(x, order))),
  };
}

/** The cotangent of the activation for one of the unit's input, through weights raised to a power. */
function* pullPowered(
  root: TapeNode,
  { chain }: Unit,
  { g, order }: { g: Tensor; order: number },
): Steps<Tensor | undefined> {
  if (chain.length === 0) return g;
  const first: TapeNode = { index: 0, value: root.value, operation: undefined };
  const nodes = [first];
  for (const { value, operation } of chain) {
    const input = nodes[nodes.length - 1];
    nodes.push({ index: nodes.length, value, operation: raised(operation as Operation, input, order) });
  }
  const tape = { nodes, roots: [first], level: undefined as never };
  const [pulled] = yield* pullbackSteps(tape, new Map([[nodes[nodes.length - 1], g]]), [first]);
  return pulled;
}

function* run(task: Task): Steps<Diagonals> {
  const { order, live } = task;
  const { structure } = fusedOf(task);
  const { tape, root, output } = structure;
  const units = unitsOf(structure) as Unit[];
  const out = emptyDiagonals(sizeOf(root.value.shape), order);
  const one = full(output.value.shape, 1, output.value.dtype);
  const targets = [root, ...units.map(({ node }) => node)];
  const share = 1 / (1 + units.length * (order - 1));
  const [slopes, ...weights] = yield* part(pullbackSteps(tape, new Map([[output, one]]), targets), 0, share);
  const add = (k: number, x: Tensor | undefined) => {
    if (x === undefined) return;
    const data = castTo(contiguous(concrete(x)), 'float64').data;
    for (const entry of live) out[k - 1][entry] += factorial(k) * data[entry];
  };
  add(1, slopes);
  let done = share;
  for (const [i, unit] of units.entries()) {
    const b = weights[i];
    const { coefficients } = (unit.node.operation as Operation).attributes as Coefficients;
    for (let k = 2; k <= order; k++, done += share) {
      const c = coefficients[k];
      if (b === undefined || c === undefined) continue;
      const g = apply(mulRow, [b, c], {});
      add(k, yield* part(pullPowered(root, unit, { g, order: k }), done, share));
    }
  }
  return out;
}

function estimate(task: Task): Estimate {
  const { structure } = fusedOf(task);
  const { memory = 8 * MOST_WEIGHTS } = task;
  const bound = Math.min(MOST_WEIGHTS, Math.floor(memory / 8));
  const units = unitsOf(structure);
  if (typeof units === 'string') return refused(units);
  let [cost, largest] = [free, 0];
  for (const node of structure.tape.nodes) {
    if (structure.used[node.index] === 1) cost = plus(cost, nodeCost(node));
  }
  const root = sizeOf(structure.root.value.shape);
  for (const { node: unit, chain } of units) {
    // What is pulled back, and what is added to the derivatives.
    const values = sizeOf(unit.value.shape) + root;
    cost = plus(cost, { multiplyAdds: 0, values: (task.order - 1) * values });
    for (const node of chain) {
      const { inputs, values } = node.operation as Operation;
      const most = values.reduce(
        (size, x, i) => (isNode(inputs[i]) ? size : Math.max(size, sizeOf(x.shape))),
        0,
      );
      if (most > bound) return refused(`${most} weights would be raised to powers, more than ${bound}`);
      largest = Math.max(largest, most);
      cost = plus(cost, times(task.order - 1, plus(nodeCost(node), { multiplyAdds: most, values: most })));
    }
  }
  return {
    applicable: true,
    ...{ multiplyAdds: cost.multiplyAdds, work: workOf(cost) },
    bytes: 8 * largest + laneBytes(structure, 1),
    why: `${units.length} smooth function(s) of linear maps with one path from each entry, and y linear in them: one walk backwards for each order`,
  };
}

/**
 * Y piecewise linear in φ(W a), W with one path from each entry to each value: D_r = (W∘…∘W)ᵀ (b ∘ φ⁽ʳ⁾), r factors, b = ∂Y/∂φ; one
 * walk backwards for each order, through weights raised to it. Several φ beside each other add up.
 */
export const poweredWeights = {
  name: 'powered-weights',
  title: 'one walk backwards for each order, through weights raised to it',
  estimate,
  run,
} as const satisfies PlanRow;
