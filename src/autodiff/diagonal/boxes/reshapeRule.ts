import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { type Box, boxOfRun, overlap, type Run, shapeOf } from './box.ts';
import type { Part, Question } from './part.ts';

/** The run from the first to the last entry of a box. */
function runOf({ from, to }: Box, shape: Shape): Run {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const first = from.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  const last = to.reduce((sum, end, axis) => sum + (end - 1) * strides[axis], 0);
  return { from: first, to: last + 1 };
}

/** Axes of both shapes that hold the same entries: [5, 6] and [30]. */
interface Group {
  readonly own: readonly [start: number, end: number];
  readonly other: readonly [start: number, end: number];
}

function groupsOf(shape: Shape, other: Shape): Group[] {
  const groups: Group[] = [];
  let [i, j] = [0, 0];
  while (i < shape.length || j < other.length) {
    const [startOwn, startOther] = [i, j];
    let [p, q] = [i < shape.length ? shape[i++] : 1, j < other.length ? other[j++] : 1];
    while (p !== q) {
      if (p < q) p *= shape[i++];
      else q *= other[j++];
    }
    groups.push({ own: [startOwn, i], other: [startOther, j] });
  }
  return groups;
}

const slice = ({ from, to }: Box, [start, end]: readonly [number, number]): Box => ({
  from: from.slice(start, end),
  to: to.slice(start, end),
});

/** Boxes of one group's axes on both sides that hold the same entries. */
function groupBoxes(box: Box, shape: Shape, other: Shape): [Box, Box] {
  let run = runOf(box, shape);
  for (;;) {
    const own = boxOfRun(run, shape);
    const there = boxOfRun(runOf(own, shape), other);
    const wider = runOf(there, other);
    if (wider.from === run.from && wider.to === run.to) return [own, there];
    run = wider;
  }
}

/** A box of a reshaped tensor, group by group of axes; a box that is none on the other side is widened until it is. */
export function reshapeWithin({
  attributes,
  shapes: [input],
  output,
  boxes: [box],
  wanted,
}: Question<{ rank: number; shape: Shape }>): Part | undefined {
  if (box === undefined || sizeOf(output) === 0 || shapeOf(box).includes(0)) return undefined;
  const sides = groupsOf(input, output).map(({ own, other }): [Box, Box] => {
    const mine = slice(box, own);
    if (own[1] - own[0] !== 1 || other[1] - other[0] !== 1) {
      return groupBoxes(mine, input.slice(...own), output.slice(...other));
    }
    const asked = overlap(mine, slice(wanted, other));
    return [asked, asked];
  });
  const [read, given] = [0, 1].map((side) => ({
    from: sides.flatMap((each) => each[side].from),
    to: sides.flatMap((each) => each[side].to),
  }));
  return {
    output: given,
    inputs: [read],
    attributes: { rank: attributes.rank, shape: shapeOf(given) },
  };
}
