import { type Answer, grouped } from './answers.ts';
import type { Apart } from './apart.ts';
import { type Findings, letterOf } from './findings.ts';
import { differenceText, differs, number, table } from './tables.ts';

/** A network, and how far two ways to its weights lie apart. */
interface Compared {
  readonly network: string;
  readonly found: Apart;
}

const isFound = (each: { readonly title: string }): each is Apart => !('refused' in each);

const comparedIn = ({ derivatives }: Findings, start: string): Compared[] =>
  derivatives.networks.flatMap(({ network, rows }) =>
    rows
      .filter(isFound)
      .filter(({ title }) => title.startsWith(start))
      .map((found) => ({ network, found })),
  );

const words = ['better', 'worse', 'no different'] as const;

function wordFor({ gain }: Apart): (typeof words)[number] {
  const sign = differs(gain);
  if (sign === 0) return 'no different';
  return sign > 0 ? 'better' : 'worse';
}

/** Where the first way is better by F_occ. */
const gains = (own: readonly Compared[]) =>
  grouped(words, new Map(own.map(({ network, found }) => [network, wordFor(found)])));

/** From here on two maps are the same to the eye: what lies above half of their maxima overlaps so far. */
const SAME = 0.995;

/** Whether the two ways give the same map. */
function sameness(own: readonly Compared[]): string {
  const same = own.filter(({ found }) => found.overlap >= SAME).map(({ network }) => network);
  const others = own
    .filter(({ found }) => found.overlap < SAME)
    .map(({ network, found }) => `${network} (overlap ${number(found.overlap, 2)})`);
  return [
    ...(same.length > 0 ? [`the same map by ${same.join(', ')}`] : []),
    ...(others.length > 0 ? [`another map by ${others.join(', ')}`] : []),
  ].join('; ');
}

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

interface Question {
  readonly start: string;
  readonly question: string;
  /** What the first way is called where the ways are held against each other. */
  readonly first: string;
}

const questions: readonly Question[] = [
  {
    start: 'derivatives of exp',
    question: 'True derivatives, or powers of the gradient?',
    first: 'the true ones',
  },
  {
    start: 'derivatives of prob',
    question: 'And where the score is a probability?',
    first: 'the true ones',
  },
  {
    start: 'D2 or D1 above',
    question: 'The second derivative above in α, or the first, as printed?',
    first: 'the second derivative',
  },
  {
    start: 'noisy inputs weighed',
    question: 'Noisy inputs weighed by exp(z), as the mean of derivatives does, or alike?',
    first: 'weights of exp(z)',
  },
];

/** What it matters which derivatives are taken, what stands above in α, and how noisy inputs are weighed. */
export function derivativeAnswers(findings: Findings): Answer[] {
  const letter = letterOf(findings.evaluations.length);
  return questions.flatMap(({ start, question, first }) => {
    const own = comparedIn(findings, start);
    if (own.length === 0) return [];
    const hasAlpha = own.some(({ found }) => !Number.isNaN(found.flipped));
    return [
      {
        question,
        says: `${upper(sameness(own))}. F_occ of ${first}: ${gains(own)}.`,
        where: `${letter}, rows ${start}`,
        table: table(
          [
            ...['network', 'scenes', 'overlap', 'correlation of weights', 'F_occ, less the other way'],
            ...(hasAlpha ? ['α below 0', 'empty maps'] : []),
          ],
          own.map(({ network, found }) => [
            ...[network, String(found.count), number(found.overlap), number(found.correlation)],
            differenceText(found.gain),
            ...(hasAlpha ? [`${number(100 * found.flipped, 0)} %`, found.empty.join(' and ')] : []),
          ]),
        ),
      },
    ];
  });
}
