import { type Shape, sameShape, sizeOf } from '../../../tensor/shape.ts';
import { addRow, mulRow, subRow } from '../../primitives/arithmetic.ts';
import { scaleRow } from '../../primitives/choose.ts';
import { divRow } from '../../primitives/division.ts';
import { sumRow } from '../../primitives/shaping.ts';
import { isNode, type Operation, type TapeNode } from '../../tape.ts';
import { type Coefficients, fusedRow } from '../fuse.ts';
import { isLinear, type Structure } from '../structure.ts';
import { endsIn, type Layout, layoutsOf, moved, type Places, sources } from './layout.ts';

/** What is known of a node that an entry reaches through its own place and through numbers of its group alone. */
export interface Known {
  /** A number for each entry, or one for each group. */
  readonly kind: 'each' | 'group';
  readonly places: Places;
  /** How many vectors the entries of a group share; see `Each`. */
  readonly terms: number;
}

/**
 * A head Y = F(g) of one number g that is piecewise linear in the *exits*, before which entries see each other through numbers of
 * their group alone, such as its mean and its deviation.
 */
export interface Region {
  readonly layout: Layout;
  readonly known: ReadonlyMap<TapeNode, Known>;
  readonly exits: readonly TapeNode[];
  readonly gate: TapeNode;
}

/** More shared vectors than a norm and a smooth unit behind it make are not followed. */
const MOST_TERMS = 24;

const meeting: ReadonlySet<unknown> = new Set([addRow, subRow, mulRow, divRow]);

const samePlaces = (a: Places, b: Places): boolean =>
  a === b || (a !== undefined && b !== undefined && a.every((place, p) => place === b[p]));

/** The highest power of its argument's change that a fused function has. */
const degreeOf = ({ coefficients }: Coefficients): number =>
  coefficients.reduce((most, c, k) => (c === undefined ? most : k), 0);

/** Products of up to `degree` of n vectors. */
function products(n: number, degree: number): number {
  let [all, ofDegree] = [0, 1];
  for (let m = 1; m <= degree; m++) {
    ofDegree = (ofDegree * (n + m - 1)) / m;
    all += ofDegree;
  }
  return all;
}

/** Each entry's group, from the place of its position. */
const groupAt = (places: Places, p: number, { members }: Layout): number =>
  Math.floor((places?.[p] ?? p) / members);

/** A sum over the members of each group; undefined where it is over anything else. */
function summed({ values }: Operation, x: Known, { layout, output }: Bounds): Known | undefined {
  const { shape } = values[0];
  if (sizeOf(output) !== layout.groups) return undefined;
  if (x.places === undefined && endsIn(shape, output)) return { kind: 'group', places: undefined, terms: 0 };
  const places = new Int32Array(layout.groups).fill(-1);
  for (const [p, to] of sources(shape, output).entries()) {
    const group = groupAt(x.places, p, layout);
    if (places[to] >= 0 && places[to] !== group) return undefined;
    places[to] = group;
  }
  return { kind: 'group', places: places.every((g, p) => g === p) ? undefined : places, terms: 0 };
}

interface Bounds {
  readonly layout: Layout;
  readonly output: Shape;
}

/** Whether each entry meets the number of its own group. */
function meets([full, reduced]: readonly Shape[], each: Known, group: Known, layout: Layout): boolean {
  if (each.places === undefined && group.places === undefined && endsIn(full, reduced)) return true;
  return sources(full, reduced).every(
    (from, p) => (group.places?.[from] ?? from) === groupAt(each.places, p, layout),
  );
}

/** Two operands that both depend on the activation. */
function met(
  { primitive, values }: Operation,
  [x, y]: readonly Known[],
  { layout, output }: Bounds,
): Known | undefined {
  const row: unknown = primitive;
  if (!meeting.has(row)) return undefined;
  const [a, b] = values.map(({ shape }) => shape);
  if (x.kind === y.kind) {
    const fits = sameShape(a, b) && samePlaces(x.places, y.places);
    if (!fits || (row === divRow && x.kind === 'each')) return undefined;
    return { ...x, terms: x.terms + y.terms + (row === mulRow ? x.terms * y.terms : 0) };
  }
  const [each, group] = x.kind === 'each' ? [x, y] : [y, x];
  const shapes = x.kind === 'each' ? [a, b] : [b, a];
  const isFlipped = row === divRow && x.kind === 'group';
  if (isFlipped || !sameShape(shapes[0], output) || !meets(shapes, each, group, layout)) return undefined;
  return { ...each, terms: each.terms + 1 };
}

/** What is known of a node whose operation reads nodes of the region alone; undefined where it leads out of it. */
function follow(operation: Operation, xs: readonly Known[], bounds: Bounds): Known | undefined {
  if (xs.length === 2) return met(operation, xs, bounds);
  const [x] = xs;
  const primitive: unknown = operation.primitive;
  if (xs.length !== 1 || operation.inputs.length !== 1) return undefined;
  if (primitive === scaleRow) return x;
  if (primitive === fusedRow) {
    return { ...x, terms: products(x.terms, degreeOf(operation.attributes as Coefficients)) };
  }
  if (primitive === sumRow && x.kind === 'each') return summed(operation, x, bounds);
  const places = moved(operation, x.places, bounds.output);
  return places === 'mixed' ? undefined : { ...x, places };
}

interface Walked {
  readonly known: Map<TapeNode, Known>;
  readonly beyond: Set<TapeNode>;
  readonly exits: Set<TapeNode>;
  /** What is read by an operation that bends, or is y. */
  readonly cut: Set<TapeNode>;
}

function walk({ tape, used, root, output }: Structure, layout: Layout): Walked {
  const known = new Map<TapeNode, Known>([[root, { kind: 'each', places: layout.places, terms: 0 }]]);
  const [beyond, exits, cut] = [new Set<TapeNode>(), new Set<TapeNode>(), new Set<TapeNode>()];
  for (const node of tape.nodes) {
    const { index, operation, value } = node;
    if (operation === undefined || used[index] === 0) continue;
    const inputs = operation.inputs.filter(isNode);
    const xs = inputs.flatMap((x) => known.get(x) ?? []);
    if (xs.length === inputs.length) {
      const found = follow(operation, xs, { layout, output: value.shape });
      if (found !== undefined && found.terms <= MOST_TERMS) {
        known.set(node, found);
        continue;
      }
    }
    if (isLinear(operation) && inputs.every((x) => known.has(x) || beyond.has(x))) {
      beyond.add(node);
      for (const x of inputs) if (known.has(x)) exits.add(x);
    } else for (const x of inputs) if (known.has(x) || beyond.has(x)) cut.add(x);
  }
  if (known.has(output) || beyond.has(output)) cut.add(output);
  return { known, beyond, exits, cut };
}

/** Leaves what is linear, and is read by nothing else of the region, to the walk backwards. */
function trim({ known, exits }: Walked, root: TapeNode): void {
  const isRead = new Set<TapeNode>();
  for (const node of [...known.keys()].reverse()) {
    if (node === root) continue;
    const operation = node.operation as Operation;
    const inputs = operation.inputs.filter(isNode);
    if (isRead.has(node) || !isLinear(operation)) {
      for (const x of inputs) isRead.add(x);
      continue;
    }
    known.delete(node);
    if (exits.delete(node)) for (const x of inputs) exits.add(x);
  }
}

/** The region of a head behind its activation; undefined where more than one number of the linear part beyond it is bent. */
export function regionOf(structure: Structure): Region | undefined {
  for (const layout of layoutsOf(structure)) {
    const walked = walk(structure, layout);
    const { known, exits, cut } = walked;
    const [gate] = cut;
    if (cut.size !== 1 || sizeOf(gate.value.shape) !== 1) continue;
    if (known.has(gate)) exits.add(gate);
    trim(walked, structure.root);
    return { layout, known, exits: [...exits], gate };
  }
  return undefined;
}

/** Numbers for each entry that the coefficients of one order are, over all nodes. */
export function termsOf({ known }: Region): number {
  let total = 0;
  for (const { kind, terms } of known.values()) total += kind === 'each' ? 1 + terms : 1;
  return total;
}
