/** What number and strength of the noise change, as a chart: a square for each n and σ. */
import { metricOf } from '../../src/cam/metrics/metrics.ts';
import type { Line } from '../../src/evaluate/report/compare.ts';
import type { TableSummary } from '../../src/evaluate/report/summary.ts';
import { type ColormapName, colourOf } from '../../src/image/colormap.ts';
import { FRAME, INK, label, MUTED, whiteSheet } from '../../src/image/svgParts.ts';
import { differs, number, signed } from './tables.ts';

const CELL_WIDE = 58;
const CELL_HIGH = 34;
const LEFT = 48;
const TOP = 66;
const GAP = 26;
const HEADING = 54;

/** What stands in a square. */
interface Square {
  readonly sigma: number;
  readonly samples: number;
  readonly text: string;
  readonly under?: string;
  /** −1 … 1 on diverging colours, 0 … 1 on others. */
  readonly shade: number;
  readonly isMarked: boolean;
}

interface Panel {
  readonly title: string;
  readonly detail: string;
  readonly colormap: ColormapName;
  readonly squares: readonly Square[];
}

/** σ and n of a name such as `smoothgradcam++ σ 0.05 n 25`; undefined for another method. */
export function settingOf(name: string): { sigma: number; samples: number } | undefined {
  const found = /^smoothgradcam\+\+ σ ([\d.]+) n (\d+)$/.exec(name);
  return found === null ? undefined : { sigma: Number(found[1]), samples: Number(found[2]) };
}

const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);

function differencePanel(
  { metric, reference, lines }: TableSummary['comparisons'][number],
  most: number,
): Panel {
  const squares = lines.flatMap(({ name, difference }: Line): Square[] => {
    const setting = settingOf(name);
    if (setting === undefined || difference === undefined) return [];
    const isMarked = differs(difference) !== 0;
    return [{ ...setting, text: signed(difference.mean), shade: difference.mean / most, isMarked }];
  });
  const { title } = metricOf(metric);
  return { title, detail: `less that of ${reference}`, colormap: 'tide', squares };
}

function samplesPanel({ noise }: TableSummary): Panel {
  const squares = noise.flatMap(({ name, onTop, effectiveSampleSize }): Square[] => {
    const setting = settingOf(name);
    if (setting === undefined) return [];
    const text = number(effectiveSampleSize, 1);
    return [{ ...setting, text, under: `${number(100 * onTop, 0)} %`, shade: onTop, isMarked: false }];
  });
  return { title: 'samples that count', detail: 'effective number; class on top', colormap: 'gray', squares };
}

function drawSquare(
  { text, under, shade, isMarked }: Square,
  colormap: ColormapName,
  [x, y]: readonly [number, number],
): string {
  const limited = Math.min(1, Math.max(-1, shade));
  // The ends of the colours are too dark to read on.
  const value = colormap === 'tide' ? 0.62 * limited : 0.55 + 0.45 * limited;
  const [r, g, b] = colourOf(value, colormap);
  const colour = 0.299 * r + 0.587 * g + 0.114 * b < 140 ? '#ffffff' : INK;
  const style = { colour, anchor: 'middle', room: CELL_WIDE } as const;
  const [middle, base] = [x + CELL_WIDE / 2, y + CELL_HIGH / 2];
  return (
    `<rect x="${x + 1}" y="${y + 1}" width="${CELL_WIDE - 2}" height="${CELL_HIGH - 2}" rx="3" fill="rgb(${r},${g},${b})"/>` +
    label(text, [middle, base + (under === undefined ? 4 : -1)], { ...style, size: 11, bold: isMarked }) +
    (under === undefined ? '' : label(under, [middle, base + 12], { ...style, size: 10 }))
  );
}

function drawPanel({ title, detail, colormap, squares }: Panel, [x, y]: readonly [number, number]): string {
  const sigmas = distinct(squares.map(({ sigma }) => sigma)).reverse();
  const counts = distinct(squares.map(({ samples }) => samples));
  const small = { size: 11, colour: MUTED, room: LEFT } as const;
  return [
    label(title, [x + LEFT, y + 16], { size: 13, colour: INK, bold: true, room: 300 }),
    label(detail, [x + LEFT, y + 32], { size: 11, colour: MUTED, room: 300 }),
    ...counts.map((n, i) =>
      label(`n ${n}`, [x + LEFT + (i + 0.5) * CELL_WIDE, y + TOP - 8], { ...small, anchor: 'middle' }),
    ),
    ...sigmas.map((sigma, i) =>
      label(`σ ${sigma}`, [x + LEFT - 8, y + TOP + (i + 0.5) * CELL_HIGH + 4], { ...small, anchor: 'end' }),
    ),
    ...squares.map((square) =>
      drawSquare(square, colormap, [
        x + LEFT + counts.indexOf(square.samples) * CELL_WIDE,
        y + TOP + sigmas.indexOf(square.sigma) * CELL_HIGH,
      ]),
    ),
  ].join('');
}

/** The largest difference of any square, so that all panels have one scale; 1 where none differs. */
const largest = (tables: readonly TableSummary[]): number =>
  tables
    .flatMap(({ comparisons }) => comparisons.flatMap(({ lines }) => lines))
    .filter(({ name }) => settingOf(name) !== undefined)
    .reduce((most, { difference }) => Math.max(most, Math.abs(difference?.mean ?? 0)), 0) || 1;

/** A row of panels for each network: differences from Grad-CAM++ under every metric, and the samples that count. */
export function noiseChart(tables: readonly TableSummary[]): string {
  const most = largest(tables);
  const rows = tables.map((table) => ({
    title: table.model,
    panels: [...table.comparisons.map((each) => differencePanel(each, most)), samplesPanel(table)],
  }));
  const count = (of: 'sigma' | 'samples') =>
    rows.reduce(
      (sum, { panels }) =>
        Math.max(sum, ...panels.map(({ squares }) => distinct(squares.map((each) => each[of])).length)),
      1,
    );
  const [wide, high] = [LEFT + count('samples') * CELL_WIDE, TOP + count('sigma') * CELL_HIGH];
  const across = rows.reduce((sum, { panels }) => Math.max(sum, panels.length), 1);
  const width = GAP + across * (wide + GAP);
  const height = HEADING + rows.length * (high + 34 + GAP);
  const room = width - 2 * GAP;
  const drawn = rows.map(({ title, panels }, row) => {
    const y = HEADING + row * (high + 34 + GAP);
    return [
      `<line x1="${GAP}" x2="${width - GAP}" y1="${y}" y2="${y}" stroke="${FRAME}"/>`,
      label(title, [GAP, y + 22], { size: 14, colour: INK, bold: true, room }),
      ...panels.map((panel, i) => drawPanel(panel, [GAP + i * (wide + GAP), y + 26])),
    ].join('');
  });
  const heading = label('Smooth Grad-CAM++ by number n and strength σ of the noise', [GAP, 24], {
    ...{ size: 15, colour: INK, bold: true, room },
  });
  const key = label(
    'Bold: the 95 % interval of the paired difference leaves out 0. Red is more, blue is less.',
    [GAP, 42],
    { size: 11, colour: MUTED, room },
  );
  return whiteSheet([width, height], [heading, key, ...drawn]);
}
