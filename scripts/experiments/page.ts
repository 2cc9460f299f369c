import { availableParallelism } from 'node:os';
import type { MethodName } from '../../src/cam/methods.ts';
import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import { methodOf } from '../../src/cam/more/methodTable.ts';
import type { TableSummary } from '../../src/evaluate/report/summary.ts';
import { conclusionOf } from './conclusion.ts';
import { type Findings, letterOf } from './findings.ts';
import { settingOf } from './noiseChart.ts';
import { differenceText, meansTable, number, strataTable, table, tablesOf } from './tables.ts';

/** Metrics that parts of the scenes are looked at by. */
const parts: readonly MetricName[] = ['mass', 'covered@0.5', 'focc'];

type Run = Findings['evaluations'][number];

function picturesUnder({ pictures }: Findings, under: string): string[] {
  return pictures
    .filter((each) => each.under === under)
    .flatMap(({ file, title }) => [`![${title}](${file})`, '']);
}

/** The settings that were tried stand in the chart. */
const withoutSettings = (summary: TableSummary): TableSummary => ({
  ...summary,
  comparisons: summary.comparisons.map((each) => ({
    ...each,
    lines: each.lines.filter(({ name }) => settingOf(name) === undefined),
  })),
});

function networkText({ evaluation }: Run, summary: TableSummary, letter: string): string[] {
  const isSweep = summary.comparisons.some(({ lines }) =>
    lines.some(({ name }) => settingOf(name) !== undefined),
  );
  return [
    `### ${letter}, ${summary.model}`,
    '',
    `Reference: ${summary.reference}. ${summary.count} scenes, ${number(100 * summary.accuracy, 1)} % of which the network gets right.`,
    '',
    ...summary.notes.flatMap((note) => [note, '']),
    ...meansTable(isSweep ? withoutSettings(summary) : summary, evaluation.metrics),
    ...(isSweep || summary.noise.length === 0
      ? []
      : [
          ...summary.noise.map(
            ({ name, onTop, effectiveSampleSize }) =>
              `${name}: the class is on top in ${number(100 * onTop, 0)} % of the noisy samples, ${number(effectiveSampleSize, 1)} of which count.`,
          ),
          '',
        ]),
  ];
}

function evaluationText(run: Run, letter: string, findings: Findings): string[] {
  const { evaluation, summary } = run;
  const { pictures, settings } = summary;
  const text = [
    `## ${letter}. ${evaluation.title}`,
    '',
    `${evaluation.question} ${pictures} scenes; σ ${settings.sigmas.join(', ')}; n ${settings.samples.join(', ')}; score ${settings.scores.join(', ')}.`,
    '',
    ...picturesUnder(findings, evaluation.name),
  ];
  for (const each of tablesOf(summary)) {
    text.push(...networkText(run, each, letter));
    if (!evaluation.hasParts) continue;
    text.push(
      'Differences from the reference [95 %] in parts of the scenes:',
      '',
      ...strataTable(each, { methods: ['gradcam', 'smoothgradcam++'], metrics: parts }),
    );
  }
  if (!evaluation.hasParts) return text;
  for (const each of tablesOf(summary, 'prediction')) {
    text.push(
      `### ${letter}, ${each.model}, the class that it predicts`,
      '',
      ...meansTable(each, evaluation.metrics),
    );
  }
  return text;
}

function derivativeText({ derivatives }: Findings, letter: string): string[] {
  const { sigma, networks } = derivatives;
  const rows = networks.flatMap(({ network, samples, rows }) =>
    rows.map((found) =>
      'refused' in found
        ? [network, found.title, '–', 'refused: no curvature', ...Array.from({ length: 5 }, () => '–')]
        : [
            ...[network, found.title, `${found.count} (n ${samples})`],
            ...[found.correlation, found.overlap, found.top, found.flipped].map((value) => number(value)),
            found.empty.join(' and '),
            differenceText(found.gain),
          ],
    ),
  );
  return [
    `## ${letter}. True derivatives, the numerator, the weights of noisy inputs`,
    '',
    `Two ways to the weights on the same scenes, score exp unless said; σ ${sigma}. Correlation of the weights; overlap of what lies above half of each map’s maximum; share of the eight strongest feature maps that both have; share of α below 0 among the entries that reach the score (first way); empty maps of the two; F_occ of the first way less that of the second [95 %]. The control has the weights in another order: what two ways that know nothing of each other agree in.`,
    '',
    ...table(
      ['network', 'what', 'scenes', 'correlation', 'overlap', 'top 8', 'α < 0', 'empty', 'F_occ'],
      rows,
      2,
    ),
  ];
}

const minutes = (seconds: number) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${number(seconds / 60, 0)} min`;

/** What was run by which files, and how long it took. */
function makingText({ evaluations, networks, seconds, derivatives, jobs }: Findings): string[] {
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  const timed = (name: string) => {
    const own = Object.keys(seconds).filter((part) => part.split('.')[0] === name);
    return own.length === 0 ? '–' : minutes(own.reduce((sum, part) => sum + seconds[part], 0));
  };
  const runs = evaluations.map(({ evaluation, summary }, i) => [
    `${letterOf(i)}. ${evaluation.title}`,
    summary.models.map(({ name }) => name).join(', '),
    String(summary.pictures),
    timed(evaluation.name),
  ]);
  const rows = derivatives.networks.flatMap(({ rows }) => rows);
  const counts = rows.flatMap((each) => ('refused' in each ? [] : [each.count]));
  return [
    '## How this page was made',
    '',
    'Every table is of the networks as they are in these files:',
    '',
    ...table(
      ['network', 'sha256 of weights/NETWORK.json'],
      networks.map(({ network, sha256 }) => [network, `${sha256.slice(0, 16)}…`]),
      2,
    ),
    ...table(
      ['part', 'networks', 'scenes', 'time'],
      [
        ...runs,
        [
          `${letterOf(evaluations.length)}. True derivatives`,
          derivatives.networks.map(({ network }) => network).join(', '),
          counts.length === 0 ? '–' : `up to ${Math.max(...counts)}`,
          timed('derivatives'),
        ],
      ],
      2,
    ),
    `${minutes(total)} by the clock in all, ${jobs} processes side by side, on a machine of ${availableParallelism()} cores; what else ran there takes its time, too. A part that was stopped goes on where it stopped, and its times add up.`,
    '',
  ];
}

/** What the names of methods in the tables stand for. */
function legend({ evaluations }: Findings): string {
  const names = new Set(evaluations.flatMap(({ summary }) => summary.settings.methods));
  return [...names].map((name: MethodName) => `\`${name}\` is ${methodOf(name).title}`).join(', ');
}

function metricText({ evaluations }: Findings): string[] {
  const measured = new Set(evaluations.flatMap(({ evaluation }) => evaluation.metrics));
  return table(
    ['metric', 'what it is', 'better'],
    [...measured].map(metricOf).map(({ title, definition, better }) => [title, definition, better]),
    3,
  );
}

/** docs/experiments.md. */
export function pageOf(findings: Findings): string {
  const { evaluations } = findings;
  return `${[
    '# Experiments',
    '',
    'The claims of Smooth Grad-CAM++ (Omeiza et al. 2019), measured with true derivatives on scenes whose objects are known to the pixel: better localisation, and better coverage of several occurrences. `npm run experiments` writes this page, numbers and words alike; `npm run experiments -- --quick` shows in minutes how it is made. Scenes and noise are seeded; [evaluation.md](evaluation.md) has the protocol.',
    '',
    '## Conclusion',
    '',
    'Better (▲) and worse (▼) mean that the 95 % interval of the paired difference leaves out 0.',
    '',
    ...conclusionOf(findings),
    ...picturesUnder(findings, 'conclusion'),
    '## How to read the tables',
    '',
    'All methods see the same scenes at the same layer, and the class that the scene is labelled with; the last tables of A and B are of the class that the network predicts. ▲ and ▼ mark means above and below the reference’s whose paired difference has a 95 % interval that leaves out 0 (seeded bootstrap of the scenes). Controls stand in *italics*: maps that know nothing of the class, or little. ○ marks metrics under which a map of ones is better than every method: they measure how much is lit. Maps that are empty or not finite are counted in the last column, with the worst value that there is.',
    '',
    `${legend(findings)}.`,
    '',
    ...metricText(findings),
    ...evaluations.flatMap((each, i) => evaluationText(each, letterOf(i), findings)),
    ...derivativeText(findings, letterOf(evaluations.length)),
    ...makingText(findings),
    ...(findings.pictures.some(({ under }) => under === 'extremes')
      ? ['## Where it gains and loses most', '', ...picturesUnder(findings, 'extremes')]
      : []),
  ]
    .join('\n')
    .trimEnd()}\n`;
}
