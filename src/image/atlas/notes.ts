import { INK, label, MUTED } from '../svgParts.ts';

/** How the plate is read, term by term, a line of text each. */
const notes: readonly (readonly [term: string, ...lines: string[]])[] = [
  ['w', 'weight of a feature map in the map of the class'],
  ['share', 'w·A as a part of Σ|w·A| of the whole layer:', 'above a map of all its cells, below of a neuron'],
  ['colours', 'of a feature map its activations, 0 to the', 'largest, which stands above it as A ≤'],
  ['bars', 'red for the class, blue against it; grey ones', 'are not on this plate'],
  ['discs', 'neurons whose |w·A| tops their neighbours’'],
  ['boxes', 'receptive fields: all pixels that they depend on'],
  ['y, x', 'row and column in the layer, from 0'],
  ['A', 'activation, on the clean picture'],
  ['D1–D3', 'derivatives of the score by A, orders 1 to 3'],
  ['α', 'D2 / (2 D2 + ΣA · D3)'],
];

const LINE = 17;
const TERM = 54;
const SIZE = 11.5;

/** The notes in so many columns, none of which is much longer than the others. */
function columnsOf(count: number): (typeof notes)[] {
  const linesOf = (each: typeof notes) => each.reduce((sum, [, ...lines]) => sum + lines.length, 0);
  const columns: (typeof notes)[] = [];
  let rest = notes;
  for (let left = count; left > 0 && rest.length > 0; left--) {
    const most = Math.ceil(linesOf(rest) / left);
    let taken = 1;
    while (taken < rest.length && linesOf(rest.slice(0, taken + 1)) <= most) taken++;
    columns.push(rest.slice(0, taken));
    rest = rest.slice(taken);
  }
  return columns;
}

/** How the plate is read, in columns that begin at these places; where they end. */
export function drawNotes(
  places: readonly { readonly x: number; readonly room: number }[],
  top: number,
): { svg: string; bottom: number } {
  let bottom = top;
  const lines = columnsOf(places.length).flatMap((column, i) => {
    const { x, room } = places[i];
    let base = top + 14;
    return column.flatMap(([term, ...texts]) => {
      const name = label(term, [x, base], { size: SIZE, colour: INK, bold: true, room: TERM });
      const meanings = texts.map((text) => {
        const line = label(text, [x + TERM, base], { size: SIZE, colour: MUTED, room: room - TERM });
        bottom = Math.max(bottom, base + 4);
        base += LINE;
        return line;
      });
      return [name, ...meanings];
    });
  });
  return { svg: lines.join(''), bottom };
}
