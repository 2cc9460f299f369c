import type { NeuronFacts } from '../../cam/neurons.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';

/** A column of the numbers under a map. */
export interface NumberColumn {
  readonly title: string;
  /** Pixels from the left edge of a tile to the right edge of the column. */
  readonly right: number;
  text(neuron: NeuronFacts): string;
}

const raised = new Map(Array.from('-0123456789', (sign, i) => [sign, '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'[i]]));

/** −3 → "⁻³" */
const superscript = (exponent: number): string =>
  Array.from(String(exponent), (sign) => raised.get(sign)).join('');

const MINUS = '−';
const DIGITS = 2;

const signed = (text: string) => text.replace('-', MINUS);

/** Values that are written without a power of ten, by the magnitude of the largest. */
const PLAIN_FROM = -2;
const PLAIN_TO = 3;

/** How a column writes its values: one power of ten for all, the largest with one digit before the point. */
export function scaled(values: readonly number[], logScale: number) {
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const magnitude = most === 0 ? 0 : Math.floor((logOf(most) + logScale) / Math.LN10 + 1e-12);
  const isPlain = magnitude >= PLAIN_FROM && magnitude <= PLAIN_TO;
  const exponent = isPlain ? 0 : magnitude;
  const digits = isPlain
    ? DIGITS + Number(magnitude < -1) - Math.min(DIGITS, Math.max(0, magnitude - 1))
    : DIGITS;
  return {
    power: isPlain ? '' : `·10${superscript(exponent)}`,
    text(value: number): string {
      if (value === 0) return '0';
      const size = 10 ** ((logOf(Math.abs(value)) + logScale) / Math.LN10 - exponent);
      return signed((Math.sign(value) * size).toFixed(digits).replace(/^-(0(\.0*)?)$/, '$1'));
    },
  };
}

/** 0.0123 → "1.23 %" */
export const percent = (share: number): string =>
  `${signed((100 * share).toFixed(Math.abs(share) >= 0.0995 ? 1 : 2))} %`;

/** The columns of numbers: of each kind one power of ten for the whole plate, so that numbers can be compared across maps. */
export function numberColumns(all: readonly NeuronFacts[], logScale: number): NumberColumn[] {
  const column = (title: string, right: number, read: (neuron: NeuronFacts) => number, scale: number) => {
    const { power, text } = scaled(all.map(read), scale);
    return { title: `${title}${power}`, right, text: (neuron: NeuronFacts) => text(read(neuron)) };
  };
  const hasAlpha = all.some(({ alpha }) => alpha !== undefined);
  return [
    { title: 'y, x', right: 52, text: ({ y, x }) => `${y}, ${x}` },
    column('A', 88, ({ activation }) => activation, 0),
    column('D1', 131, ({ d1 }) => d1, logScale),
    column('D2', 174, ({ d2 }) => d2, logScale),
    column('D3', 217, ({ d3 }) => d3, logScale),
    ...(hasAlpha ? [column('α', 256, ({ alpha = 0 }) => alpha, 0)] : []),
    { title: 'share', right: 300, text: ({ share }) => percent(share) },
  ];
}
