import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { Primitive, Series } from '../../primitive.ts';
import { type ChooseAttributes, chooseRow, scaleRow } from '../../primitives/choose.ts';
import { type TakeAttributes, takeRow } from '../../primitives/indexing.ts';
import { concatRow } from '../../primitives/joining.ts';
import { convRow, matmulRow } from '../../primitives/products.ts';
import { broadcastRow, reshapeRow, sumRow } from '../../primitives/shaping.ts';
import { fusedRow, isEntrywise } from '../fuse.ts';
import { type Box, boxAround, crop, entriesOf, hull, overlap, shapeOf, wholeOf } from './box.ts';
import { convWithin } from './convRule.ts';
import type { Part, Question } from './part.ts';
import { reshapeWithin } from './reshapeRule.ts';

type Rule<A> = (question: Question<A>) => Part | undefined;

/** A box of an input as the output sees it: an axis of length 1 is spread. */
function spread(box: Box, shape: Shape, output: Shape): Box {
  const missing = output.length - shape.length;
  const along = (ends: readonly number[], whole: (axis: number) => number) =>
    output.map((length, axis) =>
      axis < missing || (shape[axis - missing] === 1 && length !== 1) ? whole(axis) : ends[axis - missing],
    );
  return { from: along(box.from, () => 0), to: along(box.to, (axis) => output[axis]) };
}

/** What a box of the output reads of an input. */
function project(box: Box, shape: Shape, output: Shape): Box {
  const missing = output.length - shape.length;
  const along = (ends: readonly number[], one: number) =>
    shape.map((length, axis) => (length === 1 ? one : ends[axis + missing]));
  return { from: along(box.from, 0), to: along(box.to, 1) };
}

/** Entry by entry, after broadcasting. */
function aligned({ attributes, shapes, output, boxes, wanted }: Question): Part {
  const spreads = boxes.flatMap((box, i) => (box === undefined ? [] : [spread(box, shapes[i], output)]));
  const box = overlap(spreads.reduce(hull), wanted);
  return { output: box, inputs: shapes.map((shape) => project(box, shape, output)), attributes };
}

/** Where the entries of a box stand in it, by their position in the whole; −1 elsewhere. */
function placesIn(box: Box, shape: Shape): Int32Array {
  const places = new Int32Array(sizeOf(shape)).fill(-1);
  const own = shapeOf(box);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const size = sizeOf(own);
  for (let p = 0; p < size; p++) {
    let at = 0;
    for (let axis = own.length - 1, rest = p; axis >= 0; axis--) {
      at += (box.from[axis] + (rest % own[axis])) * strides[axis];
      rest = Math.floor(rest / own[axis]);
    }
    places[at] = p;
  }
  return places;
}

const within = (places: Int32Array, box: Box, shape: Shape): Int32Array => {
  const positions = new Int32Array(entriesOf(box));
  const every = placesIn(box, shape);
  for (let p = 0; p < every.length; p++) if (every[p] >= 0) positions[every[p]] = places[p];
  return positions;
};

const takeWithin: Rule<TakeAttributes> = ({ attributes, boxes: [box], wanted }) => {
  const { index, input, shape } = attributes;
  if (box === undefined) return undefined;
  const from = placesIn(box, input);
  const isWanted = placesIn(wanted, shape);
  const moved = new Int32Array(index.length);
  for (let p = 0; p < index.length; p++) moved[p] = index[p] < 0 || isWanted[p] < 0 ? -1 : from[index[p]];
  const output = boxAround(shape, (p) => moved[p] >= 0) ?? {
    from: shape.map(() => 0),
    to: shape.map(() => 0),
  };
  return {
    output,
    inputs: [box],
    attributes: { index: within(moved, output, shape), input: shapeOf(box), shape: shapeOf(output) },
  };
};

const broadcastWithin: Rule<{ shape: Shape }> = (question) => {
  const { output, inputs } = aligned(question);
  return { output, inputs, attributes: { shape: shapeOf(output) } };
};

const sumWithin: Rule<{ axes: readonly number[] }> = ({
  attributes,
  shapes: [shape],
  boxes: [box],
  wanted,
}) => {
  if (box === undefined) return undefined;
  const isSummed = shape.map((_, axis) => attributes.axes.includes(axis - shape.length));
  const read = {
    from: box.from.map((start, axis) => (isSummed[axis] ? start : Math.max(start, wanted.from[axis]))),
    to: box.to.map((end, axis) => (isSummed[axis] ? end : Math.min(end, wanted.to[axis]))),
  };
  const output = {
    from: read.from.map((start, axis) => (isSummed[axis] ? 0 : start)),
    to: read.to.map((end, axis) => (isSummed[axis] ? 1 : end)),
  };
  return { output, inputs: [read], attributes };
};

const moveAlong = (ends: readonly number[], axis: number, by: number) =>
  ends.map((end, each) => (each === axis ? end + by : end));

const concatWithin: Rule<{ axis: number }> = ({ attributes, shapes, boxes, wanted }) => {
  const axis = shapes[0].length + attributes.axis;
  let start = 0;
  const starts = shapes.map((shape) => {
    start += shape[axis];
    return start - shape[axis];
  });
  const moved = boxes.flatMap((box, i): Box[] =>
    box === undefined
      ? []
      : [{ from: moveAlong(box.from, axis, starts[i]), to: moveAlong(box.to, axis, starts[i]) }],
  );
  const output = overlap(moved.reduce(hull), wanted);
  const inputs = shapes.map((shape, i) => {
    const own = {
      from: output.from.map((from, each) => (each === axis ? Math.max(0, from - starts[i]) : from)),
      to: output.to.map((to, each) => (each === axis ? Math.min(shape[axis], to - starts[i]) : to)),
    };
    return entriesOf(own) > 0 ? own : undefined;
  });
  return { output, inputs, attributes };
};

interface Sides {
  readonly left?: boolean;
  readonly right?: boolean;
}

/** [..., n, k] · [..., k, m]: which axis is which, counted from the end. */
const axesOf = ({ left, right }: Sides) => ({
  rows: left ? 1 : 2,
  leftDepth: left ? 2 : 1,
  rightDepth: right ? 1 : 2,
  columns: right ? 2 : 1,
});

const matmulWithin: Rule<Sides> = ({ attributes, shapes, output, boxes: [left, right], wanted }) => {
  const axes = axesOf(attributes);
  const rank = output.length;
  if (shapes.some((shape) => shape.length !== rank)) return undefined;
  const depth = shapes[0][rank - axes.leftDepth];
  const range = (box: Box | undefined, axis: number, length: number): [number, number] =>
    box === undefined ? [0, length] : [box.from[rank - axis], box.to[rank - axis]];
  // A factor that does not vary reaches everywhere; where both vary, either may be the one that moves.
  const both = left !== undefined && right !== undefined;
  const meet = ([a, b]: [number, number], [c, d]: [number, number]): [number, number] =>
    both ? [Math.min(a, c), Math.max(b, d)] : [Math.max(a, c), Math.min(b, d)];
  const k = meet(range(left, axes.leftDepth, depth), range(right, axes.rightDepth, depth));
  const rows = both ? ([0, output[rank - 2]] as [number, number]) : range(left, axes.rows, output[rank - 2]);
  const columns = both
    ? ([0, output[rank - 1]] as [number, number])
    : range(right, axes.columns, output[rank - 1]);
  const lead = [left, right].flatMap((box, i) =>
    box === undefined ? [] : [spread(leading(box), shapes[i].slice(0, -2), output.slice(0, -2))],
  );
  const batch = lead.reduce(hull);
  const reached = { from: [...batch.from, rows[0], columns[0]], to: [...batch.to, rows[1], columns[1]] };
  const box = overlap(reached, wanted);
  const side = (
    shape: Shape,
    [r, rEnd]: readonly [number, number],
    [c, cEnd]: readonly [number, number],
  ): Box => {
    const own = project(leading(box), shape.slice(0, -2), output.slice(0, -2));
    return { from: [...own.from, r, c], to: [...own.to, rEnd, cEnd] };
  };
  const n: [number, number] = [box.from[rank - 2], box.to[rank - 2]];
  const m: [number, number] = [box.from[rank - 1], box.to[rank - 1]];
  return {
    output: box,
    inputs: [
      attributes.left ? side(shapes[0], k, n) : side(shapes[0], n, k),
      attributes.right ? side(shapes[1], m, k) : side(shapes[1], k, m),
    ],
    attributes,
  };
};

const leading = ({ from, to }: Box): Box => ({ from: from.slice(0, -2), to: to.slice(0, -2) });

const scaleWithin: Rule<{ factor: Tensor }> = (question) => {
  const part = aligned(question);
  return { ...part, attributes: { factor: crop(question.attributes.factor, part.output, question.output) } };
};

const chooseWithin: Rule<ChooseAttributes> = (question) => {
  const part = aligned(question);
  const { from, shape } = question.attributes;
  const chosen = within(Int32Array.from(from), part.output, shape);
  return { ...part, attributes: { from: Uint8Array.from(chosen), shape: shapeOf(part.output) } };
};

const fusedWithin: Rule<{ coefficients: Series }> = (question) => {
  const part = aligned(question);
  const coefficients = question.attributes.coefficients.map(
    (c) => c && crop(c, part.output, question.output),
  );
  return { ...part, attributes: { coefficients } };
};

/** Rows with a rule of their own. Entrywise rows derive theirs; all others are computed whole. */
const rules = new Map<Primitive, Rule<never>>([
  [takeRow as Primitive, takeWithin],
  [reshapeRow as Primitive, reshapeWithin],
  [broadcastRow as Primitive, broadcastWithin],
  [sumRow as Primitive, sumWithin],
  [concatRow as Primitive, concatWithin],
  [matmulRow as Primitive, matmulWithin],
  [convRow as Primitive, convWithin],
  [scaleRow as Primitive, scaleWithin],
  [chooseRow as Primitive, chooseWithin],
  [fusedRow as Primitive, fusedWithin],
]);

/** A primitive on parts of its operands. What has no rule is computed whole: slower, and as right. */
export function partOf(primitive: Primitive, question: Question): Part {
  const rule = rules.get(primitive) as Rule<unknown> | undefined;
  const part =
    rule?.(question) ?? (rule === undefined && isEntrywise(primitive) ? aligned(question) : undefined);
  return (
    part ?? {
      output: wholeOf(question.output),
      inputs: question.shapes.map(wholeOf),
      attributes: question.attributes,
    }
  );
}
