import type { Primitive } from '../../primitive.ts';
import { isNode, type Operation, type TapeNode } from '../../tape.ts';
import { type Box, entriesOf, wholeOf } from '../boxes/box.ts';
import type { Part } from '../boxes/part.ts';
import { partOf } from '../boxes/rules.ts';
import { bends, fusedOf, mapOf } from '../fuse.ts';
import { keepsLowRank } from '../lowRank/lanes.ts';
import type { Task } from '../plan.ts';
import type { Structure } from '../structure.ts';

/** A head in which entrywise chains are one operation each, and what y reads of it. */
export interface Head {
  readonly structure: Structure;
  /** The part of each node that y reads. */
  readonly read: readonly (Box | undefined)[];
  /** 1 for nodes whose coefficients an operation that bends needs, at once or through others. */
  readonly needed: Uint8Array;
}

function neededBy({ tape: { nodes }, used }: Structure): Uint8Array {
  const needed = new Uint8Array(nodes.length);
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { operation } = nodes[index];
    if (operation === undefined || used[index] === 0) continue;
    if (needed[index] === 0 && !bends(operation)) continue;
    for (const input of operation.inputs) if (isNode(input)) needed[input.index] = 1;
  }
  return needed;
}

const heads = new WeakMap<Task, Head>();

export function headOf(task: Task): Head {
  const known = heads.get(task);
  if (known !== undefined) return known;
  const { structure, origins } = fusedOf(task);
  const read = origins.map(({ index, value }) => (task.read ? task.read[index] : wholeOf(value.shape)));
  const head = { structure, read, needed: neededBy(structure) };
  heads.set(task, head);
  return head;
}

/** One operation for a block of entries: the part of it that is neither zero nor unread. */
export interface Work extends Part {
  readonly node: TapeNode;
  readonly operation: Operation;
  readonly primitive: Exclude<Primitive, { kind: 'constant' }>;
  readonly bends: boolean;
  /** Whether its lanes keep their form, one entry and a few shared vectors, as far as is seen without running it. */
  readonly isLow: boolean;
  /** Whether the lanes that it reads are of that form. */
  readonly readsLow: boolean;
  /** Whether its coefficients go beyond the first. */
  readonly curves: boolean;
  /** Whether an operation behind it needs its coefficients. */
  readonly keeps: boolean;
}

/** Where in the list each node is read last. */
export function lastUses(works: readonly Work[]): Map<TapeNode, number> {
  const lastUse = new Map<TapeNode, number>();
  for (const [at, { operation }] of works.entries()) {
    for (const x of operation.inputs) if (isNode(x)) lastUse.set(x, at);
  }
  return lastUse;
}

/** What a block of entries in the box `start` has to do. */
export function workFor({ structure, read, needed }: Head, start: Box): Work[] {
  const { tape, root, used } = structure;
  const boxes = new Array<Box | undefined>(tape.nodes.length).fill(undefined);
  boxes[root.index] = start;
  const low = new Uint8Array(tape.nodes.length);
  low[root.index] = 1;
  const curved = new Uint8Array(tape.nodes.length);
  const works: Work[] = [];
  for (const node of tape.nodes) {
    const { index, operation, value } = node;
    const wanted = read[index];
    if (operation === undefined || used[index] === 0 || wanted === undefined) continue;
    const keeps = needed[index] === 1;
    const own = operation.inputs.map((x) => (isNode(x) ? boxes[x.index] : undefined));
    const moving = own.filter((box) => box !== undefined).length;
    const { primitive, attributes } = mapOf(operation);
    const isBent = primitive.kind === 'elementwise' || (primitive.kind === 'bilinear' && moving === 2);
    if (moving === 0 || !(keeps || isBent)) continue;
    const shapes = operation.values.map((x) => x.shape);
    const found = partOf(primitive, { attributes, shapes, output: value.shape, boxes: own, wanted });
    if (entriesOf(found.output) === 0) continue;
    const sources = operation.inputs.filter(isNode).filter((x) => boxes[x.index] !== undefined);
    const readsLow = sources.every((x) => low[x.index] === 1);
    const isLow = readsLow && keepsLowRank(primitive, entriesOf(found.output));
    const curves = isBent || sources.some((x) => curved[x.index] === 1);
    if (isLow) low[index] = 1;
    if (curves) curved[index] = 1;
    boxes[index] = found.output;
    works.push({ ...found, node, operation, primitive, bends: isBent, isLow, readsLow, curves, keeps });
  }
  return works;
}
