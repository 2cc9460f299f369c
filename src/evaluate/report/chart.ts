import { metricOf } from '../../cam/metrics/metrics.ts';
import { FRAME, INK, label, MUTED, whiteSheet } from '../../image/svgParts.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import type { Comparison, Line } from './compare.ts';

const WIDTH = 430;
const LEFT = 172;
const RIGHT = 16;
const ROW = 20;
const TOP = 44;
const BOTTOM = 30;
const ACROSS = 2;
const GAP = 24;
const GOOD = '#1d7a53';
const BAD = '#b3372f';

/** Round numbers in a range, two to seven of them. */
export function ticksIn(low: number, high: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = 10 ** (Number(span.toExponential(12).split('e')[1]) - 1);
  const steps = [1, 2, 5, 10, 20, 50].map((times) => times * rough);
  const step = steps.find((each) => span / each <= 6) ?? 100 * rough;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

const round = (x: number) => Number(x.toFixed(2));

/** Whether the whole interval lies on the better side, on the worse, or on neither. */
function colourOf({ difference }: Line, better: 'more' | 'less'): string {
  if (difference === undefined || (difference.low <= 0 && difference.high >= 0)) return MUTED;
  return difference.low > 0 === (better === 'more') ? GOOD : BAD;
}

/** One metric: the mean difference of each method from the reference, with its interval. */
function panel({ metric, reference, lines }: Comparison, [x, y]: readonly [number, number]): string {
  const { title, better } = metricOf(metric);
  const shown = lines.filter(
    (line): line is Line & Required<Pick<Line, 'difference'>> =>
      line.difference !== undefined && line.difference.count > 0,
  );
  const low = shown.reduce((least, { difference }) => Math.min(least, difference.low), 0);
  const high = shown.reduce((most, { difference }) => Math.max(most, difference.high), 0);
  const span = high - low || 1;
  const at = (value: number) => round(x + LEFT + ((value - low) / span) * (WIDTH - LEFT - RIGHT));
  const bottom = y + TOP + shown.length * ROW;
  const marks = ticksIn(low, high).map(
    (tick) =>
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="${y + TOP - 6}" y2="${bottom}" stroke="${tick === 0 ? INK : FRAME}"/>` +
      `<text x="${at(tick)}" y="${bottom + 15}" text-anchor="middle" font-size="11" fill="${MUTED}">${formatNumber(tick).replace('-', '−')}</text>`,
  );
  const rows = shown.map((line, i) => {
    const { difference, isControl, name } = line;
    const middle = y + TOP + i * ROW + ROW / 2 - 3;
    const colour = colourOf(line, better);
    return (
      label(name, [x + LEFT - 10, middle + 4], {
        size: 12,
        colour: isControl ? MUTED : INK,
        anchor: 'end',
        room: LEFT - 12,
      }) +
      `<line x1="${at(difference.low)}" x2="${at(difference.high)}" y1="${middle}" y2="${middle}" stroke="${colour}" stroke-width="2"/>` +
      `<circle cx="${at(difference.mean)}" cy="${middle}" r="3.5" fill="${isControl ? '#ffffff' : colour}" stroke="${colour}" stroke-width="1.5"/>`
    );
  });
  const way = better === 'more' ? 'more is better' : 'less is better';
  return [
    label(title, [x, y + 16], { size: 14, colour: INK, bold: true, room: WIDTH }),
    label(`difference from ${reference}; ${way}`, [x, y + 32], { size: 11, colour: MUTED, room: WIDTH }),
    ...marks,
    ...rows,
  ].join('');
}

/** Paired differences of every metric, as small charts on one sheet. */
export function chartOf(comparisons: readonly Comparison[]): string {
  const rows = comparisons.reduce((most, { lines }) => Math.max(most, lines.length - 1), 0);
  const height = TOP + rows * ROW + BOTTOM + GAP;
  const down = Math.ceil(comparisons.length / ACROSS);
  const [wide, high] = [ACROSS * WIDTH + (ACROSS + 1) * GAP, down * height + GAP];
  const panels = comparisons.map((each, i) =>
    panel(each, [GAP + (i % ACROSS) * (WIDTH + GAP), GAP + Math.floor(i / ACROSS) * height]),
  );
  return `${whiteSheet([wide, high], panels)}\n`;
}
