import { metricOf } from '../../src/cam/metrics/metrics.ts';
import type { Summary } from '../../src/evaluate/report/summary.ts';
import { type Answer, answerText } from './answers.ts';
import { claims, contribution, occurrences } from './claims.ts';
import { derivativeAnswers } from './derivativeAnswers.ts';
import type { Findings } from './findings.ts';
import { settingOf } from './noiseChart.ts';
import { lettersOf, modelOf, type Placed, placed, SMOOTH, titleOf } from './placed.ts';
import { differenceText, differs, lineOf, number, table, tablesOf } from './tables.ts';

/** Which noise does best, of all that were tried. */
function noise(tables: readonly Placed[]): Answer[] {
  const rows = tables.flatMap((each) => {
    const lines = each.table.comparisons.find(({ metric }) => metric === 'focc')?.lines ?? [];
    const tried = lines.filter(({ name }) => settingOf(name) !== undefined);
    const [best] = [...tried].sort((a, b) => b.mean - a.mean);
    if (best?.difference === undefined) return [];
    const effect = each.table.noise.find(({ name }) => name === best.name);
    const [above, below] = [1, -1].map(
      (sign) => tried.filter(({ difference }) => differs(difference) === sign).length,
    );
    const cells = [
      ...[best.name.replace(`${SMOOTH} `, ''), differenceText(best.difference)],
      `${number(100 * (effect?.onTop ?? Number.NaN), 0)} %`,
      number(effect?.effectiveSampleSize, 1),
    ];
    return [{ each, tried: tried.length, above, below, cells }];
  });
  if (rows.length === 0) return [];
  const says = rows.map(
    ({ each, tried, above, below }) =>
      `by ${each.table.model}, of ${tried} settings ${above} are better than Grad-CAM++ by F_occ and ${below} worse`,
  );
  return [
    {
      question: 'How much noise?',
      says: `${says.join('; ').replace(/^b/, 'B')}.`,
      where: `${lettersOf(tables)}, chart`,
      table: table(
        ['network', 'best setting', 'F_occ there, less Grad-CAM++', 'class on top', 'samples that count'],
        rows.map(({ each, cells }) => [modelOf(each), ...cells]),
        2,
      ),
    },
  ];
}

function sanity(tables: readonly Placed[]): Answer[] {
  if (tables.length === 0) return [];
  const shown = ['gradcam', 'gradcam++', SMOOTH, 'meanactivation'] as const;
  const absolute = (each: Placed, name: string) =>
    lineOf(each.table, 'randomisation-absolute', name)?.mean ?? Number.NaN;
  const least = tables.filter((each) =>
    shown.every((name) => name === 'gradcam' || absolute(each, 'gradcam') < absolute(each, name)),
  ).length;
  return [
    {
      question: 'Do the maps look at the network?',
      says: `Likeness to maps of networks drawn anew, signed and absolute, 0 is best. Of absolute maps, Grad-CAM’s is the least of the four by ${least} of ${tables.length} networks. Mean |A| knows nothing of the class.`,
      where: `${lettersOf(tables)}, columns randomisation`,
      table: table(
        ['network', ...shown.map((name) => titleOf(name).replaceAll('|', '\\|'))],
        tables.map((each) => [
          modelOf(each),
          ...shown.map(
            (name) =>
              `${number(lineOf(each.table, 'randomisation', name)?.mean, 2)} and ${number(absolute(each, name), 2)}`,
          ),
        ]),
      ),
    },
  ];
}

/** Metrics that tell less than they seem to. */
function controls(summaries: readonly Summary[]): Answer[] {
  const tables = summaries.flatMap((summary) => tablesOf(summary));
  const won = new Map<string, number>();
  for (const { comparisons } of tables) {
    for (const { metric, onesWin } of comparisons) {
      if (onesWin) won.set(metricOf(metric).title, (won.get(metricOf(metric).title) ?? 0) + 1);
    }
  }
  if (won.size === 0) return [];
  const text = [...won].map(([title, count]) => `${title} (${count} tables)`).join(', ');
  return [
    {
      question: 'What not to read too much into',
      says: `A map of ones is better than every method under ${text}: these measure how much is lit. Many differences are looked at: some leave out 0 by chance.`,
      where: 'columns ○',
    },
  ];
}

/** Questions and answers, each made of the rows that it names: what a run finds, they say. */
export function conclusionOf(findings: Findings): string[] {
  const main = placed(findings, ['methods', 'tokens']);
  return [
    ...claims(main),
    ...occurrences(main),
    ...contribution(main),
    ...noise(placed(findings, ['noise'])),
    ...derivativeAnswers(findings),
    ...sanity(placed(findings, ['sanity'])),
    ...controls(findings.evaluations.map(({ summary }) => summary)),
  ].flatMap(answerText);
}
