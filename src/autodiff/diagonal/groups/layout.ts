import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { castTo, contiguous, fromData, type Tensor } from '../../../tensor/tensor.ts';
import { broadcastTo } from '../../operations.ts';
import { type TakeAttributes, takeRow } from '../../primitives/indexing.ts';
import { reshapeRow, sumRow } from '../../primitives/shaping.ts';
import { isNode, type Operation } from '../../tape.ts';
import { concrete } from '../../trace.ts';
import { upTo } from '../entries.ts';
import { isEntrywise, mapOf } from '../fuse.ts';
import type { Structure } from '../structure.ts';

/** Where each entry of a tensor is in the order of the groups; undefined where that is its own order. */
export type Places = Int32Array | undefined;

/** Entries of the activation in groups of one size: [groups, members]. */
export interface Layout {
  readonly groups: number;
  readonly members: number;
  /** Of the activation. */
  readonly places: Places;
}

const isCounted = (places: Int32Array): boolean => places.every((place, p) => place === p);

/** Where entries are behind a rearrangement that keeps all of them; a text where the operation is none. */
export function moved(operation: Operation, places: Places, output: Shape): Places | 'mixed' {
  const { primitive, attributes } = mapOf(operation);
  const size = sizeOf(operation.values[0].shape);
  if (sizeOf(output) !== size) return 'mixed';
  if (primitive === (reshapeRow as unknown)) return places;
  if (primitive !== (takeRow as unknown)) return 'mixed';
  const { index } = attributes as TakeAttributes;
  const seen = new Uint8Array(size);
  for (const from of index) {
    if (from < 0 || seen[from] === 1) return 'mixed';
    seen[from] = 1;
  }
  const out = Int32Array.from(index, (from) => places?.[from] ?? from);
  return isCounted(out) ? undefined : out;
}

/** Whether an axis that is 1 long stands for the last axes of `full`, all others being its own. */
export function endsIn(full: Shape, reduced: Shape): boolean {
  if (full.length !== reduced.length) return false;
  const kept = full.findIndex((length, axis) => length !== reduced[axis]);
  return kept >= 0 && reduced.slice(kept).every((length) => length === 1);
}

/** For each entry of a tensor of shape `full` the entry of one of shape `reduced` that is spread to it. */
export function sources(full: Shape, reduced: Shape): Int32Array {
  if (endsIn(full, reduced)) {
    const out = new Int32Array(sizeOf(full));
    const members = out.length / sizeOf(reduced);
    for (let p = 0, from = 0; p < out.length; p += members) out.fill(from++, p, p + members);
    return out;
  }
  const counted = fromData(new Float64Array(upTo(sizeOf(reduced))), reduced);
  return new Int32Array(contiguous(concrete(broadcastTo(counted, full))).data);
}

/** The groups that a sum makes of the entries that it reads, each in one of them; undefined where they are of one entry. */
function groupsOf(operation: Operation, places: Places, output: Shape): Layout | undefined {
  const { shape } = operation.values[0];
  const [size, groups] = [sizeOf(shape), sizeOf(output)];
  const members = size / groups;
  if (groups === 0 || members < 2) return undefined;
  if (places === undefined && endsIn(shape, output)) return { groups, members, places: undefined };
  const group = new Int32Array(size);
  sources(shape, output).forEach((g, p) => {
    group[places?.[p] ?? p] = g;
  });
  const filled = new Int32Array(groups);
  const own = Int32Array.from(group, (g) => g * members + filled[g]++);
  return { groups, members, places: isCounted(own) ? undefined : own };
}

/** The groups that sums make of all entries of the activation, each as it is or by a function of its own; the first few. */
export function layoutsOf({ tape, root, used }: Structure): Layout[] {
  const places = new Map<number, Places>([[root.index, undefined]]);
  const layouts: Layout[] = [];
  for (const { index, operation, value } of tape.nodes) {
    if (operation === undefined || used[index] === 0) continue;
    const sources = operation.inputs.filter(isNode);
    const [source] = sources;
    if (sources.length !== 1 || !places.has(source.index)) continue;
    const before = places.get(source.index);
    const { primitive } = mapOf(operation);
    if (primitive === (sumRow as unknown)) {
      const found = groupsOf(operation, before, value.shape);
      if (found !== undefined && !layouts.some((known) => isSame(known, found))) layouts.push(found);
    } else if (isEntrywise(primitive) && sizeOf(value.shape) === sizeOf(source.value.shape)) {
      places.set(index, before);
    } else {
      const after = moved(operation, before, value.shape);
      if (after !== 'mixed') places.set(index, after);
    }
  }
  return layouts;
}

const isSame = (a: Layout, b: Layout): boolean =>
  a.groups === b.groups &&
  (a.places === b.places || (a.places?.every((place, p) => place === b.places?.[p]) ?? false));

/** The numbers of a tensor in the order of the groups: [groups, members], or [groups, 1]. */
export function arranged(x: Tensor, places: Places, { groups, members }: Layout): Tensor {
  const plain = contiguous(concrete(x));
  const shape = sizeOf(plain.shape) === groups ? [groups, 1] : [groups, members];
  const data = castTo(plain, 'float64').data as Float64Array;
  if (places === undefined) return fromData(data, shape);
  const out = new Float64Array(data.length);
  for (let p = 0; p < data.length; p++) out[places[p]] = data[p];
  return fromData(out, shape);
}
