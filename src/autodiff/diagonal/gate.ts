import { part, type Steps } from '../../tensor/drive.ts';
import { sizeOf } from '../../tensor/shape.ts';
import { full } from '../../tensor/tensor.ts';
import { factorial } from '../coefficients.ts';
import type { Series } from '../primitive.ts';
import { isNode, type TapeNode } from '../tape.ts';
import { chainCost, chainRule } from './chainRule.ts';
import { workOf } from './cost.ts';
import { bends, fusedOf, fusedUpTo } from './fuse.ts';
import { type Diagonals, type Estimate, emptyDiagonals, type Task } from './plan.ts';
import { poweredWeights } from './poweredWeights.ts';
import { valuesOf } from './pullRows.ts';
import { replay } from './replay.ts';
import type { Structure } from './structure.ts';

/** The number nearest to the activation through which all of a head goes, where it is not y itself. */
function gateOf({ tape, used, root, output }: Structure): TapeNode | undefined {
  let gate: TapeNode | undefined;
  let lowest = output.index;
  for (let index = output.index; index > root.index; index--) {
    if (used[index] === 0) continue;
    const { operation, value } = tape.nodes[index];
    if (lowest >= index && sizeOf(value.shape) === 1 && index !== output.index) gate = tape.nodes[index];
    for (const x of operation?.inputs ?? []) if (isNode(x)) lowest = Math.min(lowest, x.index);
  }
  return gate;
}

const bendsBehind = ({ tape, used }: Structure, gate: TapeNode): boolean =>
  tape.nodes.some(
    ({ index, operation }) =>
      index > gate.index && used[index] === 1 && operation !== undefined && bends(operation),
  );

/** d^r y/dg^r at the gate g, r = 1 … order, each as the one entry of an array. */
export function* derivativesAtGate(structure: Structure, gate: TapeNode, order: number): Steps<Diagonals> {
  const seed = full(gate.value.shape, 1, gate.value.dtype);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const seeds = new Map<TapeNode, Series>([[gate, [gate.value, seed, ...higher]]]);
  const [[, ...series]] = yield* replay(structure, seeds, { order, targets: [structure.output] });
  return series.map((c, i) => Float64Array.of(c === undefined ? 0 : factorial(i + 1) * valuesOf(c)[0]));
}

interface Gated {
  readonly structure: Structure;
  readonly gate: TapeNode;
  /** The head up to the gate. */
  readonly inner: Task;
  /** What it takes. */
  readonly estimate: Omit<Estimate, 'why'>;
}

const found = new WeakMap<Task, Gated | undefined>();

function gatedOf(task: Task): Gated | undefined {
  if (!found.has(task)) found.set(task, lookFor(task));
  return found.get(task);
}

function lookFor(task: Task): Gated | undefined {
  const { order, live, memory } = task;
  const fused = fusedOf(task);
  const { structure } = fused;
  const gate = gateOf(structure);
  // Where y is linear in it, too, the plan for weights raised to powers is one of its own.
  if (gate === undefined || !bendsBehind(structure, gate)) return undefined;
  const inner: Task = { structure: fusedUpTo(fused, gate, order), order, live, memory };
  const { applicable, multiplyAdds, work, bytes } = poweredWeights.estimate(inner);
  const chain = chainCost(live.length, order);
  return applicable
    ? {
        structure,
        gate,
        inner,
        estimate: {
          applicable,
          multiplyAdds: multiplyAdds + chain.multiplyAdds,
          work: work + workOf(chain),
          bytes,
        },
      }
    : undefined;
}

/** The cost of y = F(g), where g is linear behind smooth functions of one linear map each; undefined for other heads. */
export const costByPowers = (task: Task): Gated['estimate'] | undefined => gatedOf(task)?.estimate;

/** The derivatives of such a y: those of g by weights raised to powers, then the chain rule. */
export function* runByPowers(task: Task): Steps<Diagonals> {
  const { structure, gate, inner } = gatedOf(task) as Gated;
  const { order, live } = task;
  const own = yield* part(poweredWeights.run(inner), 0, 0.9);
  const outer = yield* part(derivativesAtGate(structure, gate, order), 0.9, 0.05);
  const size = sizeOf(structure.root.value.shape);
  const psi = [undefined, ...own.map((d, i) => d.map((value) => value / factorial(i + 1)))];
  const out = emptyDiagonals(size, order);
  chainRule(out, outer, { groups: new Int32Array(size), psi, live });
  yield 1;
  return out;
}
