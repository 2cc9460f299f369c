import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import type { Summary, TableSummary } from '../../src/evaluate/report/summary.ts';
import type { Apart } from './apart.ts';
import { type Findings, letterOf } from './findings.ts';
import { settingOf } from './noiseChart.ts';
import {
  differenceText,
  differs,
  lineOf,
  number,
  type Standing,
  standing,
  tablesOf,
  verdict,
} from './tables.ts';

/** What localisation is judged by: the maps' mass on objects, and whether every object is lit and little else. */
const judged: readonly MetricName[] = ['mass', 'covered@0.5', 'focc'];

/** A table, and the letter of the part of the page that it stands in. */
interface Placed {
  readonly table: TableSummary;
  readonly letter: string;
}

function placed({ evaluations }: Findings, names: readonly string[]): Placed[] {
  return evaluations.flatMap(({ evaluation: { name }, summary }, i) =>
    names.includes(name) ? tablesOf(summary).map((table) => ({ table, letter: letterOf(i) })) : [],
  );
}

const words: readonly Standing[] = ['better', 'worse', 'no different', 'the same map'];

/** By which networks a method is better, worse and no different, in one sentence. */
function standings(tables: readonly Placed[], [metric, name]: readonly [MetricName, string]): string {
  const parts = words.flatMap((word) => {
    const models = tables.filter(({ table }) => standing(table, [metric, name]) === word);
    return models.length === 0 ? [] : [`${word} by ${models.map(({ table }) => table.model).join(', ')}`];
  });
  return `${metricOf(metric).title}: ${parts.join('; ')}`;
}

const lettersOf = (tables: readonly Placed[]) =>
  [...new Set(tables.map(({ letter }) => letter))].join(' and ');

function claims(tables: readonly Placed[]): string[] {
  const where = `${lettersOf(tables)}, rows`;
  const counted = (name: string, metric: MetricName) => {
    const better = tables.filter(({ table }) => standing(table, [metric, name]) === 'better').length;
    return `${better} of ${tables.length}`;
  };
  return [
    `- **Does Smooth Grad-CAM++ localise better than Grad-CAM++?** By ${counted('smoothgradcam++', 'mass')} networks. ${standings(tables, ['mass', 'smoothgradcam++'])}. (${where} smoothgradcam++)`,
    `- **Does it cover more occurrences?** By ${counted('smoothgradcam++', 'covered@0.5')} networks. ${standings(tables, ['covered@0.5', 'smoothgradcam++'])}. With what is lit beside them counted against it, ${standings(tables, ['focc', 'smoothgradcam++'])}. (${where} smoothgradcam++)`,
    `- **And the method that both refine?** Grad-CAM against Grad-CAM++, ${standings(tables, ['mass', 'gradcam'])}. ${standings(tables, ['covered@0.5', 'gradcam'])}. (${where} gradcam)`,
    ...tables.flatMap(({ table, letter }) => {
      const text = (name: string) => judged.map((metric) => verdict(table, [metric, name])).join(', ');
      return [
        `  - ${table.model} (${letter}, ${table.model}): Smooth Grad-CAM++ ${text('smoothgradcam++')}; Grad-CAM ${text('gradcam')}.`,
      ];
    }),
  ];
}

/** What the number of occurrences changes: the part of one against that of four. */
function occurrences(tables: readonly Placed[]): string[] {
  const parts = tables.flatMap(({ table, letter }) => {
    if (standing(table, ['focc', 'smoothgradcam++']) === 'the same map') return [];
    const of = (title: string) =>
      table.strata
        .find((stratum) => stratum.title === title)
        ?.differences.find(({ metric, name }) => metric === 'focc' && name === 'smoothgradcam++')?.difference;
    const [one, four] = [of('1 occurrence'), of('4 and more occurrences')];
    if (one === undefined || four === undefined) return [];
    return [`${table.model} (${letter}) ${differenceText(one)} with one, ${differenceText(four)} with four`];
  });
  return parts.length === 0
    ? []
    : [
        `- **Does it gain more where there are more?** F_occ, Smooth Grad-CAM++ less Grad-CAM++: ${parts.join('; ')}. (rows 1 occurrence, 4 and more occurrences)`,
      ];
}

function contribution(tables: readonly Placed[]): string[] {
  const parts = tables.flatMap(({ table }) => {
    const of = (name: string) => number(lineOf(table, 'contribution', name)?.mean, 2);
    if (lineOf(table, 'contribution', 'gradcam++') === undefined) return [];
    const verdictOf = standing(table, ['contribution', 'smoothgradcam++']);
    return [
      `${table.model} ${of('gradcam')} for Grad-CAM, ${of('gradcam++')} for Grad-CAM++, ${of('smoothgradcam++')} for Smooth Grad-CAM++ (${verdictOf}), ${of('ones')} for ones, which tells sizes alone`,
    ];
  });
  return [
    `- **Does a map’s share follow what each occurrence really contributes?** Rank correlation, 0 is chance: ${parts.join('; ')}. (${lettersOf(tables)}, column contribution)`,
  ];
}

/** Which noise does best, of all that were tried. */
function noise({ evaluations }: Findings): string[] {
  return evaluations.flatMap(({ evaluation, summary }, i) => {
    if (evaluation.name !== 'noise') return [];
    return tablesOf(summary).flatMap((table) => {
      const lines = table.comparisons.find(({ metric }) => metric === 'focc')?.lines ?? [];
      const tried = lines.filter(({ name }) => settingOf(name) !== undefined);
      const [best] = [...tried].sort((a, b) => b.mean - a.mean);
      if (best?.difference === undefined) return [];
      const above = tried.filter(({ difference }) => differs(difference) > 0).length;
      const below = tried.filter(({ difference }) => differs(difference) < 0).length;
      const effect = table.noise.find(({ name }) => name === best.name);
      return [
        `- **How much noise?** ${table.model}: of ${tried.length} settings ${above} are better than Grad-CAM++ by F_occ and ${below} worse; the best is ${best.name.replace('smoothgradcam++ ', '')}, ${differenceText(best.difference)}, where the class stays on top in ${number(100 * (effect?.onTop ?? Number.NaN), 0)} % of the samples and ${number(effect?.effectiveSampleSize, 1)} of them count. (${letterOf(i)}, ${table.model})`,
      ];
    });
  });
}

const isFound = (each: { readonly title: string }): each is Apart => !('refused' in each);

/** One sentence on each comparison of derivatives that starts with a title, network by network. */
function compared(
  { derivatives, evaluations }: Findings,
  [start, question]: readonly [string, string],
  say: (found: Apart) => string,
): string[] {
  const parts = derivatives.networks.flatMap(({ network, rows }) =>
    rows
      .filter(isFound)
      .filter(({ title }) => title.startsWith(start))
      .map((found) => `${network} ${say(found)}`),
  );
  const letter = letterOf(evaluations.length);
  return parts.length === 0 ? [] : [`- **${question}** ${parts.join('; ')}. (${letter}, rows ${start})`];
}

function derivatives(findings: Findings): string[] {
  const gain = ({ gain }: Apart) => `F_occ ${differenceText(gain)}`;
  return [
    ...compared(
      findings,
      ['derivatives of exp', 'True derivatives or powers of the gradient?'],
      (found) =>
        `overlap ${number(found.overlap)}, correlation of weights ${number(found.correlation)}, ${gain(found)}`,
    ),
    ...compared(
      findings,
      ['derivatives of prob', 'And where the score is a probability?'],
      (found) =>
        `overlap ${number(found.overlap)}, ${number(100 * found.flipped, 0)} % of α below 0, ${found.empty[0]} of ${found.count} maps empty, ${gain(found)}`,
    ),
    ...compared(
      findings,
      ['D2 or D1 above', 'The second derivative above in α, or the first, as printed?'],
      (found) => `overlap ${number(found.overlap)}, ${gain(found)} for the second`,
    ),
    ...compared(
      findings,
      ['noisy inputs weighed', 'Noisy inputs weighed by exp(z), as the mean of derivatives does, or alike?'],
      (found) => `overlap ${number(found.overlap)}, ${gain(found)} for exp(z)`,
    ),
  ];
}

function sanity(tables: readonly Placed[]): string[] {
  const parts = tables.map(({ table }) => {
    const of = (name: string) =>
      (['randomisation', 'randomisation-absolute'] as const)
        .map((metric) => number(lineOf(table, metric, name)?.mean, 2))
        .join(' and ');
    return `${table.model} ${of('gradcam')} for Grad-CAM, ${of('gradcam++')} for Grad-CAM++, ${of('smoothgradcam++')} for Smooth Grad-CAM++, ${of('meanactivation')} for mean |A|`;
  });
  return parts.length === 0
    ? []
    : [
        `- **Do the maps look at the network?** Likeness to maps of networks drawn anew, signed and absolute, 0 is best: ${parts.join('; ')}. (${lettersOf(tables)}, columns randomisation)`,
      ];
}

/** Metrics that tell less than they seem to. */
function controls(summaries: readonly Summary[]): string[] {
  const tables = summaries.flatMap((summary) => tablesOf(summary));
  const won = new Map<string, number>();
  for (const { comparisons } of tables) {
    for (const { metric, onesWin } of comparisons) {
      if (onesWin) won.set(metricOf(metric).title, (won.get(metricOf(metric).title) ?? 0) + 1);
    }
  }
  const text = [...won].map(([title, count]) => `${title} (${count} tables)`).join(', ');
  return text === ''
    ? []
    : [
        `- **What not to read too much into.** A map of ones is better than every method under ${text}: these measure how much is lit. (columns ○) Many differences are looked at: some leave out 0 by chance.`,
      ];
}

/** Sentences, each made of the rows that it names: what a run finds, they say. */
export function conclusionOf(findings: Findings): string[] {
  const main = placed(findings, ['methods', 'tokens']);
  return [
    ...claims(main),
    ...occurrences(main),
    ...contribution(main),
    ...noise(findings),
    ...derivatives(findings),
    ...sanity(placed(findings, ['sanity'])),
    ...controls(findings.evaluations.map(({ summary }) => summary)),
  ];
}
