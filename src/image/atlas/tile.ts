import type { FeatureMap, NeuronFacts } from '../../cam/neurons.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { largestOf } from '../../tensor/largest.ts';
import { contiguous } from '../../tensor/tensor.ts';
import { cellsOn } from '../cells.ts';
import type { Rectangle } from '../picture.ts';
import { FRAME, INK, label, MUTED } from '../svgParts.ts';
import { type NumberColumn, percent, scaled } from './columns.ts';
import { type Atlas, type AtlasImage, imageHref, seenSides, TILE } from './plate.ts';

/** Above a picture: its name and what it weighs. */
export const HEAD = 46;
const LINE = 17;
const NUMBERS = 26;
/** Pixels of numbers under a picture. */
export const numbersHeight = (lines: number): number => NUMBERS + LINE * lines;

const SHADE = '#14141a';
const SMALL = 10.5;

/** Of the neurons of a map, first to last: light, apart from each other, seen on warm and on dark ground. */
const tints = ['#ffffff', '#5fe6ff', '#a6ff8f', '#ffd84f', '#ff9ee0', '#c3b1ff', '#ffb187', '#c9ced6'];
const tintOf = (i: number) => tints[i % tints.length];

/** A number in a disc. */
function disc(number: number, [x, y]: readonly [number, number]): string {
  return [
    `<circle cx="${x}" cy="${y}" r="6.5" fill="${tintOf(number - 1)}" stroke="${SHADE}" stroke-width="1.2"/>`,
    label(String(number), [x, y + 3.2], { size: 9, colour: SHADE, bold: true, anchor: 'middle', room: 12 }),
  ].join('');
}

/** What the network saw under a veil, and a frame. */
export function seenUnder(
  { photograph, ground }: Pick<Atlas, 'photograph' | 'ground'>,
  veil: AtlasImage,
  { x, y, width, height }: Rectangle,
): string {
  const scale = ground.width / photograph.width;
  const seen = photograph.seen;
  const view = [seen.x, seen.y, seen.width, seen.height].map((value) => value * scale).join(' ');
  const box = `x="${x}" y="${y}" width="${width}" height="${height}"`;
  return [
    `<svg ${box} viewBox="${view}" preserveAspectRatio="none"><use href="#ground"/></svg>`,
    `<image ${box} preserveAspectRatio="none" href="${imageHref(veil)}"/>`,
    `<rect ${box} fill="none" stroke="${FRAME}"/>`,
  ].join('');
}

/** The receptive field of a neuron as a line of its tint within a dark one, inside the picture. */
function fieldOutline(
  { field }: NeuronFacts,
  i: number,
  place: (field: NonNullable<NeuronFacts['field']>) => Rectangle,
) {
  if (field === undefined) return '';
  const { x, y, width, height } = place(field);
  const inset = (by: number) =>
    `x="${x + by}" y="${y + by}" width="${Math.max(0.5, width - 2 * by)}" height="${Math.max(0.5, height - 2 * by)}"`;
  return [
    `<rect ${inset(1.5)} fill="none" stroke="${SHADE}" stroke-width="3"/>`,
    `<rect ${inset(1.5)} fill="none" stroke="${tintOf(i)}" stroke-width="1.7"/>`,
  ].join('');
}

const SILENT = 'silent here: every A of it is 0';

/** The numbers of the neurons, a line each. */
function numberLines(
  { neurons }: FeatureMap,
  [x, y]: readonly [number, number],
  numbers: readonly NumberColumn[],
): string {
  if (neurons.length === 0) return label(SILENT, [x, y + 17], { size: 12, colour: MUTED, room: TILE });
  const style = { size: SMALL, anchor: 'end', room: 80 } as const;
  const titles = numbers.map(({ title, right }) =>
    label(title, [x + right, y + 15], { ...style, colour: MUTED }),
  );
  const lines = neurons.flatMap((neuron, i) => {
    const base = y + NUMBERS + LINE * i + 7;
    return [
      disc(i + 1, [x + 7, base - 3.5]),
      ...numbers.map(({ right, text }) => label(text(neuron), [x + right, base], { ...style, colour: INK })),
    ];
  });
  const rule = `<rect x="${x}" y="${y + 20}" width="${TILE}" height="0.75" fill="${FRAME}"/>`;
  return [...titles, rule, ...lines].join('');
}

/** One feature map: its name, weight and share, its picture with the fields of its neurons, and their numbers. */
export function drawTile(
  map: FeatureMap,
  [x, y]: readonly [number, number],
  {
    atlas,
    veil,
    numbers,
  }: { readonly atlas: Atlas; readonly veil: AtlasImage; readonly numbers: readonly NumberColumn[] },
): string {
  const { photograph, input, neurons } = atlas;
  const weight = scaled(
    neurons.maps.map((each) => each.weight),
    neurons.logScale,
  );
  const [width, height] = seenSides(photograph.seen, TILE);
  const picture = { x, y: y + HEAD, width, height };
  const [, rows, columns] = neurons.shape;
  const fields = map.neurons.map((neuron, i) =>
    fieldOutline(neuron, i, (field) => cellsOn(field, [input.height, input.width], picture)),
  );
  const discs = map.neurons.map((neuron, i) => {
    const cell = cellsOn(
      { y0: neuron.y, x0: neuron.x, y1: neuron.y + 1, x1: neuron.x + 1 },
      [rows, columns],
      picture,
    );
    const within = (at: number, from: number, length: number) =>
      Math.min(from + length - 8, Math.max(from + 8, at));
    return disc(i + 1, [
      within(cell.x + cell.width / 2, x, width),
      within(cell.y + cell.height / 2, picture.y, height),
    ]);
  });
  const most = largestOf(contiguous(map.activation).data, 0);
  const head = { size: 16, colour: INK, bold: true } as const;
  return [
    label(`map ${map.k}`, [x, y + 14], { ...head, room: 140 }),
    label(`share ${percent(map.share)}`, [x + TILE, y + 14], { ...head, anchor: 'end', room: 150 }),
    label(`rank ${map.rank} of ${neurons.shape[0]} by |w|`, [x, y + 34], {
      size: 12,
      colour: MUTED,
      room: 132,
    }),
    label(
      `w ${weight.text(map.weight)}${map.weight === 0 ? '' : weight.power}, A ≤ ${formatNumber(most)}`,
      [x + TILE, y + 34],
      {
        ...{ size: 12, colour: MUTED, anchor: 'end', room: 165 },
      },
    ),
    seenUnder(atlas, veil, picture),
    ...[...fields].reverse(),
    ...[...discs].reverse(),
    numberLines(map, [x, picture.y + height], numbers),
  ].join('');
}
