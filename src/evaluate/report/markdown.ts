import { plainLabel } from '../../cam/matchClass.ts';
import { metricOf } from '../../cam/metrics/metrics.ts';
import type { PictureFailure } from '../result.ts';
import type { Comparison, Line } from './compare.ts';
import type { Summary, TableSummary } from './summary.ts';

const number = (value: number | undefined, digits = 3): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits).replace('-', '−');

const signed = (value: number): string => (value > 0 ? `+${number(value, 4)}` : number(value, 4));

function differenceText({ difference }: Line): string {
  if (difference === undefined) return 'reference';
  if (difference.count === 0) return '–';
  return `${signed(difference.mean)} [${signed(difference.low)}, ${signed(difference.high)}]`;
}

const signText = (p: number): string => (p < 0.001 ? '< 0.001' : number(p));

function lineText(line: Line): string {
  const { name, isControl, mean, classMean, count, empty, nan, difference, win } = line;
  const counts =
    difference === undefined ? '' : `${difference.above} / ${difference.equal} / ${difference.below}`;
  const cells = [
    isControl ? `*${name}*` : name,
    ...[number(mean), number(classMean), String(count), nan === 0 ? String(empty) : `${empty} + ${nan} NaN`],
    ...[differenceText(line), counts, difference === undefined ? '' : signText(difference.p), number(win, 2)],
  ];
  return `| ${cells.join(' | ')} |`;
}

const escapedText = (text: string) =>
  text.replace(/[|\\`*_<>[\]]/g, (letter) => `\\${letter}`).replace(/\s+/g, ' ');

function comparisonText({ metric, reference, lines, onesWin }: Comparison): string[] {
  const { title, better, definition } = metricOf(metric);
  return [
    `#### ${title}`,
    '',
    `${definition} ${better === 'more' ? 'More' : 'Less'} is better; an empty map gets the worst, ${metricOf(
      metric,
    )
      .worst.toFixed(2)
      .replace('-', '−')
      .replace(/\.?0+$/, '')}.`,
    ...(onesWin
      ? [
          '',
          '**A map of ones is better here than every method: this measures how much of the picture is lit.**',
        ]
      : []),
    '',
    `| method | mean | over classes | pictures | empty | difference from ${reference} [95 %] | above / equal / below | sign test p | win |`,
    '| --- | ---: | ---: | ---: | ---: | --- | --- | ---: | ---: |',
    ...lines.map(lineText),
    '',
  ];
}

function strataText({ strata, reference }: TableSummary): string[] {
  if (strata.length === 0) return [];
  const metrics = [...new Set(strata.flatMap(({ differences }) => differences.map(({ metric }) => metric)))];
  return [
    '#### Parts of the pictures',
    '',
    `Mean differences from ${reference} [95 %], methods alone.`,
    '',
    `| pictures | number | method | ${metrics.map((metric) => metricOf(metric).title).join(' | ')} |`,
    `| --- | ---: | --- | ${metrics.map(() => '---').join(' | ')} |`,
    ...strata.flatMap(({ title, count, differences }) => {
      const names = [...new Set(differences.map(({ name }) => name))];
      return names.map((name) => {
        const cells = metrics.map((metric) => {
          const found = differences.find((each) => each.metric === metric && each.name === name);
          return found === undefined ? '–' : differenceText({ difference: found.difference } as Line);
        });
        return `| ${title} | ${count} | ${name} | ${cells.join(' | ')} |`;
      });
    }),
    '',
  ];
}

function noiseText({ noise }: TableSummary): string[] {
  if (noise.length === 0) return [];
  return [
    '#### What the noise does',
    '',
    'Share of the noisy samples in which the class is on top, and how many samples the mean of exp(z) rests on; means over the pictures.',
    '',
    '| method | class on top | effective samples |',
    '| --- | ---: | ---: |',
    ...noise.map(
      (each) => `| ${each.name} | ${number(each.onTop)} | ${number(each.effectiveSampleSize, 1)} |`,
    ),
    '',
  ];
}

const kindTitles = {
  label: 'The class that the picture is labelled with',
  prediction: 'The class that the network predicts',
} as const;

function tableText(table: TableSummary): string[] {
  const { model, kind, count, accuracy, comparisons, chart, sheets, notes } = table;
  const won = comparisons.filter(({ onesWin }) => onesWin).map(({ metric }) => metricOf(metric).title);
  return [
    `## ${escapedText(model)}: ${kindTitles[kind][0].toLowerCase()}${kindTitles[kind].slice(1)}`,
    '',
    `${count} pictures${Number.isNaN(accuracy) ? '' : `, of which the network predicts the label of ${number(100 * accuracy, 1)} %`}.` +
      (won.length > 0 ? ` A map of ones is better than every method under ${won.join(', ')}.` : ''),
    '',
    ...notes.flatMap((note) => [note, '']),
    `![Differences of each method, with 95 % intervals](${chart})`,
    '',
    ...sheets.flatMap(({ file, title }) => [`![${title}](${file})`, '', title, '']),
    ...strataText(table),
    ...noiseText(table),
    ...comparisons.flatMap(comparisonText),
  ];
}

const FAILURES = 50;

function failureText(failures: readonly PictureFailure[]): string[] {
  if (failures.length === 0) return [];
  const more = failures.length - FAILURES;
  return [
    '## Pictures that could not be evaluated',
    '',
    ...failures
      .slice(0, FAILURES)
      .map(({ picture, model, error }) => `- ${escapedText(`${picture}, ${model}: ${error}`)}`),
    ...(more > 0 ? [`- and ${more} more: see results.jsonl`] : []),
    '',
  ];
}

/** The report in Markdown. */
export function reportText(summary: Summary, failures: readonly PictureFailure[]): string {
  const { set, pictures, settings, models } = summary;
  return `${[
    `# jetgrad evaluate ${escapedText(plainLabel(set))}`,
    '',
    `${pictures} pictures; ${models.map(({ name, layer }) => `${escapedText(name)} at ${escapedText(layer)}`).join(', ')}. Score ${settings.scores.join(', ')}; σ ${settings.sigmas.join(', ')}; ${settings.samples.join(', ')} noisy samples; seed ${settings.seed}.`,
    '',
    'All methods see the same pictures at the same layer. Differences are taken picture by picture; intervals are those of a seeded bootstrap of the pictures (95 %), p is that of the sign test, ' +
      'win the share of pictures in which a method is better, ties counting half. Maps that are empty or not finite count, with the worst value that there is. Controls stand in *italics*: they say what a metric gives for maps that know nothing of the class, or little. ' +
      'Many differences are looked at: some of them are below any p by chance.',
    '',
    ...summary.tables.flatMap(tableText),
    ...failureText(failures),
  ]
    .join('\n')
    .trimEnd()}\n`;
}
