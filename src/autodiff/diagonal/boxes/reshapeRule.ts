import { type Shape, sizeOf } from '../../../tensor/shape.ts';
import { type Box, boxOfRun, type Run, shapeOf } from './box.ts';
import type { Part, Question } from './rules.ts';

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
  const read = { from: [] as number[], to: [] as number[] };
  const given = { from: [] as number[], to: [] as number[] };
  for (const { own, other } of groupsOf(input, output)) {
    const single = own[1] - own[0] === 1 && other[1] - other[0] === 1;
    let part = slice(box, own);
    if (single) {
      const asked = slice(wanted, other);
      part = {
        from: [Math.max(part.from[0], asked.from[0])],
        to: [Math.min(part.to[0], asked.to[0])],
      };
    }
    const [mine, theirs] = single
      ? [part, part]
      : groupBoxes(part, input.slice(...own), output.slice(...other));
    read.from.push(...mine.from);
    read.to.push(...mine.to);
    given.from.push(...theirs.from);
    given.to.push(...theirs.to);
  }
  return {
    output: given,
    inputs: [read],
    attributes: { rank: attributes.rank, shape: shapeOf(given) },
  };
}
