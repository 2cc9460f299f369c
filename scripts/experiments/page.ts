import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import type { Summary } from '../../src/evaluate/report/summary.ts';
import { conclusionOf } from './conclusion.ts';
import type { Apart } from './derivatives.ts';
import type { Evaluation } from './plan.ts';
import { labelled, meansTable, number, strataTable, table } from './tables.ts';

/** Everything that a run has found. */
export interface Findings {
  readonly evaluations: readonly {
    readonly evaluation: Evaluation;
    readonly summary: Summary;
    readonly minutes: number;
  }[];
  readonly derivatives: {
    readonly samples: number;
    readonly sigma: number;
    readonly networks: readonly {
      readonly network: string;
      readonly rows: readonly (Apart | { readonly title: string; readonly refused: string })[];
    }[];
  };
  readonly sheets: readonly string[];
}

/** Metrics that parts of the scenes are looked at by. */
const parts: readonly MetricName[] = ['mass', 'covered@0.5', 'focc'];

function evaluationText({ evaluation, summary }: Findings['evaluations'][number], letter: string): string[] {
  const { pictures, settings } = summary;
  const text = [
    `## ${letter}. ${evaluation.title}`,
    '',
    `${evaluation.question} ${pictures} scenes; σ ${settings.sigmas.join(', ')}; n ${settings.samples.join(', ')}; score ${settings.scores.join(', ')}. ▲ and ▼ mark means that lie above and below the reference’s with an interval of the paired difference that leaves out 0; controls stand in italics.`,
    '',
  ];
  for (const each of labelled(summary)) {
    const won = each.comparisons.filter(({ onesWin }) => onesWin).map(({ metric }) => metricOf(metric).title);
    text.push(
      `### ${letter}, ${each.model}`,
      '',
      `Reference: ${each.reference}. The network is right on ${number(100 * each.accuracy, 1)} % of these scenes.${won.length === 0 ? '' : ` A map of ones is better than every method under ${won.join(', ')}.`}`,
      '',
      ...each.notes.flatMap((note) => [note, '']),
      ...meansTable(each, evaluation.metrics),
    );
    if (evaluation.name !== 'methods') continue;
    text.push(
      'Differences from the reference [95 %], by the number of occurrences and by what noise does:',
      '',
      ...strataTable(each, { methods: ['gradcam', 'smoothgradcam++'], metrics: parts }),
    );
  }
  return text;
}

function derivativeText({ derivatives }: Findings, letter: string): string[] {
  const { samples, sigma, networks } = derivatives;
  const rows = networks.flatMap(({ network, rows }) =>
    rows.map((found) =>
      'refused' in found
        ? [network, found.title, '–', 'refused: no curvature', '–', '–', '–', '–']
        : [
            network,
            found.title,
            String(found.count),
            number(found.correlation),
            number(found.overlap),
            number(found.top),
            number(found.flipped),
            found.empty.join(' and '),
          ],
    ),
  );
  return [
    `## ${letter}. True derivatives, the numerator, the weights of noisy inputs`,
    '',
    `Two ways to the weights on the same scenes, score exp unless said; σ ${sigma}, n ${samples}. Correlation of the weights; overlap of what lies above half of each map’s maximum; share of the eight strongest feature maps that both have; share of α below 0 among the entries that reach the score (first way); empty maps of the two.`,
    '',
    ...table(['network', 'what', 'scenes', 'correlation', 'overlap', 'top 8', 'α < 0', 'empty'], rows),
  ];
}

/** docs/experiments.md. */
export function pageOf(findings: Findings): string {
  const { evaluations, sheets } = findings;
  const letters = 'ABCDEFGH';
  return `${[
    '# Experiments',
    '',
    'The claims of Smooth Grad-CAM++ (Omeiza et al. 2019), measured with true derivatives on scenes whose objects are known to the pixel: better localisation, and better coverage of several occurrences. `npm run experiments` writes this page, numbers and words alike; `npm run experiments -- --quick` shows in minutes how it is made. Scenes and noise are seeded; [evaluation.md](evaluation.md) has the protocol and what is measured.',
    '',
    '## Conclusion',
    '',
    ...conclusionOf(findings),
    '',
    ...evaluations.flatMap((each, i) => evaluationText(each, letters[i])),
    ...derivativeText(findings, letters[evaluations.length]),
    ...(sheets.length === 0
      ? []
      : [
          '## Where it gains and loses most',
          '',
          ...sheets.flatMap((file) => [
            `![Grad-CAM++ (left) and Smooth Grad-CAM++ (right) on the scenes where the second ${file.includes('best') ? 'gains' : 'loses'} most](${file})`,
            '',
          ]),
        ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}
