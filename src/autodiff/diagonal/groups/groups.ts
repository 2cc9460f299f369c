import { part, type Steps } from '../../../tensor/drive.ts';
import { sizeOf } from '../../../tensor/shape.ts';
import { full, type Tensor } from '../../../tensor/tensor.ts';
import { plus, times } from '../../coefficients.ts';
import { broadcastTo } from '../../operations.ts';
import type { Primitive, Series } from '../../primitive.ts';
import { addRow, subRow } from '../../primitives/arithmetic.ts';
import { scaleRow } from '../../primitives/choose.ts';
import { divRow } from '../../primitives/division.ts';
import { pushSeries } from '../../propagate.ts';
import { isNode, type Operation, pullbackSteps, type TapeNode } from '../../tape.ts';
import { concrete, noAttributes } from '../../trace.ts';
import { chainRule } from '../chainRule.ts';
import { workOf } from '../cost.ts';
import { type Coefficients, fusedOf, fusedRow } from '../fuse.ts';
import { derivativesAtGate } from '../gate.ts';
import { type Diagonals, type Estimate, emptyDiagonals, type Task } from '../plan.ts';
import { valuesOf } from '../pullRows.ts';
import type { Structure } from '../structure.ts';
import { arranged, type Layout } from './layout.ts';
import {
  addEach,
  bendEach,
  bendGroup,
  type Each,
  type Moving,
  narrowed,
  one,
  reciprocalOf,
  scaleEach,
  sumOfGroup,
  timesEach,
  timesGroup,
  weighted,
} from './moving.ts';
import { type Known, type Region, regionOf, termsOf } from './region.ts';

/** The share of the work that the walk backwards is, as progress shows it. */
const BACKWARDS = 0.2;

const regions = new WeakMap<Structure, Region | undefined>();

/** The region of a task's head, looked for once. */
function regionFor(task: Task): { structure: Structure; region: Region | undefined } {
  const { structure } = fusedOf(task);
  if (!regions.has(structure)) regions.set(structure, regionOf(structure));
  return { structure, region: regions.get(structure) };
}

/** Tensors of all entries that are held at once, at most, for each that a node of the region is. */
const HELD = 2;

/** The cost of all entries at once beside the walk backwards; undefined where the head has no such form or there is no room. */
export function costByGroups(task: Task): Omit<Estimate, 'why'> | undefined {
  const { structure, region } = regionFor(task);
  if (region === undefined) return undefined;
  const { order, memory = Number.POSITIVE_INFINITY } = task;
  const numbers = sizeOf(structure.root.value.shape) * termsOf(region) * order;
  const bytes = HELD * 8 * numbers;
  const values = (numbers * (order + 1)) / 2;
  if (bytes > memory) return undefined;
  return { applicable: true, multiplyAdds: values, work: workOf({ multiplyAdds: values, values }), bytes };
}

/** The tape behind the exits: what a walk backwards from the gate sees. */
function behind({ tape }: Structure, { known }: Region): Structure['tape'] {
  const nodes = tape.nodes.map((node) => (known.has(node) ? { ...node, operation: undefined } : node));
  return { ...tape, nodes };
}

/** Two operands that both move. */
function meet(row: unknown, [x, y]: readonly Moving[], value: Tensor): Moving {
  if (x.kind === 'group' && y.kind === 'group') {
    const order = x.series.length - 1;
    return {
      kind: 'group',
      series: pushSeries(row as Exclude<Primitive, { kind: 'constant' }>, [x.series, y.series], {
        y: value,
        order,
        attributes: noAttributes,
      }),
    };
  }
  if (row === addRow || row === subRow) return addEach(x, y, { sign: row === addRow ? 1 : -1, value });
  if (x.kind === 'group') return timesGroup(y as Each, x, value);
  if (y.kind === 'each') return timesEach(x, y, value);
  return timesGroup(x, row === divRow ? reciprocalOf(y) : y, value);
}

/** What one operation makes of nodes of the region. */
function through(node: TapeNode, xs: readonly Moving[], { known, layout }: Region): Moving {
  const { primitive, attributes } = node.operation as Operation;
  const { kind, places } = known.get(node) as Known;
  const numbers = (x: Tensor) => arranged(broadcastTo(concrete(x), node.value.shape), places, layout);
  const row: unknown = primitive;
  if (xs.length === 2) return meet(row, xs, numbers(node.value));
  const [x] = xs;
  if (row === scaleRow) {
    const factor = narrowed(numbers((attributes as { factor: Tensor }).factor));
    const value = numbers(node.value);
    if (x.kind === 'each') return scaleEach(x, factor, value);
    return { kind: 'group', series: [value, ...x.series.slice(1).map((c) => times(c, factor))] };
  }
  if (row === fusedRow) {
    const { coefficients: given } = attributes as Coefficients;
    const [value, ...higher] = given.map((c) => c && numbers(c));
    const coefficients = [value, ...higher.map((c) => c && narrowed(c))];
    if (x.kind === 'each') return bendEach(x, coefficients, value as Tensor);
    return bendGroup(x, coefficients);
  }
  return x.kind === 'each' && kind === 'group' ? sumOfGroup(x, numbers(node.value), layout.members) : x;
}

/** The last node of the region that reads each. */
function lastReaders({ known }: Region): Map<TapeNode, TapeNode> {
  const last = new Map<TapeNode, TapeNode>();
  for (const node of known.keys()) {
    for (const x of node.operation?.inputs ?? []) if (isNode(x)) last.set(x, node);
  }
  return last;
}

/** What a node of the region adds to the gate, whose cotangent there is g. */
function addedBy(own: Moving, g: Tensor, { places }: Known, layout: Layout): Series {
  const weights = arranged(g, places, layout);
  return own.kind === 'each'
    ? weighted(own, weights, layout.members)
    : own.series.map((c, k) => (k === 0 ? undefined : times(c, weights)));
}

/** The coefficients of the gate along each entry, from order 1 on: what the exits make of it, with the weights of a walk backwards. */
function* seriesAtGate(structure: Structure, region: Region, order: number): Steps<Series> {
  const { known, layout, exits, gate } = region;
  const { root } = structure;
  const seeds = new Map([[gate, full(gate.value.shape, 1, gate.value.dtype)]]);
  const weights = yield* part(pullbackSteps(behind(structure, region), seeds, exits), 0, BACKWARDS);
  const higher = new Array<undefined>(order - 1).fill(undefined);
  const value = arranged(root.value, layout.places, layout);
  const start: Each = { kind: 'each', value, own: [undefined, one, ...higher], shared: [] };
  const held = new Map<TapeNode, Moving>([[root, start]]);
  const last = lastReaders(region);
  let total: Series = [undefined, undefined, ...higher];
  let done = 0;
  for (const [node, of] of known) {
    // What comes before the root is no part of the head.
    const inputs = node === root ? [] : (node.operation as Operation).inputs.filter(isNode);
    const xs = inputs.map((x) => held.get(x) as Moving);
    const own = node === root ? start : through(node, xs, region);
    held.set(node, own);
    const g = weights[exits.indexOf(node)];
    const added = g && addedBy(own, concrete(g), of, layout);
    if (added !== undefined) total = total.map((c, k) => plus(c, added[k]));
    for (const x of inputs) if (last.get(x) === node) held.delete(x);
    yield BACKWARDS + ((1 - BACKWARDS) * ++done) / known.size;
  }
  return total;
}

/** A coefficient of the gate at each entry of the activation. */
function atEntries(c: Tensor, { groups, members, places }: Layout): Float64Array {
  const values = valuesOf(broadcastTo(c, [groups, members]));
  return places === undefined ? values : Float64Array.from(places, (place) => values[place]);
}

/** The derivatives of a task whose entries see each other through numbers of their groups alone. */
export function* runByGroups(task: Task): Steps<Diagonals> {
  const { structure, region } = regionFor(task) as { structure: Structure; region: Region };
  const { order, live } = task;
  const { layout, gate } = region;
  const series = yield* part(seriesAtGate(structure, region, order), 0, 0.9);
  const outer = yield* part(derivativesAtGate(structure, gate, order), 0.9, 0.1);
  const psi = series.map((c) => c && atEntries(concrete(c), layout));
  const size = layout.groups * layout.members;
  const out = emptyDiagonals(size, order);
  chainRule(out, outer, { groups: new Int32Array(size), psi, live });
  return out;
}
