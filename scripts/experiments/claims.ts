import type { MethodName } from '../../src/cam/methods.ts';
import { type MetricName, metricOf } from '../../src/cam/metrics/metrics.ts';
import { type Answer, grouped } from './answers.ts';
import { lettersOf, modelOf, type Placed, SMOOTH, standings, titleOf } from './placed.ts';
import { differenceText, lineOf, number, standing, table, verdict } from './tables.ts';

/** A row for each network: its differences from Grad-CAM++ under these metrics. */
const differences = (tables: readonly Placed[], columns: readonly (readonly [MetricName, MethodName])[]) =>
  table(
    ['network', ...columns.map(([metric, name]) => `${metricOf(metric).title}, ${titleOf(name)}`)],
    tables.map((each) => [modelOf(each), ...columns.map((column) => verdict(each.table, column))]),
  );

export function claims(tables: readonly Placed[]): Answer[] {
  const where = `${lettersOf(tables)}, rows`;
  const counted = (metric: MetricName) => {
    const better = tables.filter((each) => standing(each.table, [metric, SMOOTH]) === 'better').length;
    return `By ${better} of ${tables.length} networks`;
  };
  return [
    {
      question: 'Does Smooth Grad-CAM++ localise better than Grad-CAM++?',
      says: `${counted('mass')}: ${standings(tables, ['mass', SMOOTH])}.`,
      where: `${where} ${SMOOTH}`,
    },
    {
      question: 'Does it cover more occurrences?',
      says: `${counted('covered@0.5')}: ${standings(tables, ['covered@0.5', SMOOTH])}. With what is lit beside them counted against it, ${standings(tables, ['focc', SMOOTH])}.`,
      where: `${where} ${SMOOTH}`,
      table: differences(tables, [
        ['mass', SMOOTH],
        ['covered@0.5', SMOOTH],
        ['focc', SMOOTH],
      ]),
    },
    {
      question: 'And Grad-CAM, which both refine?',
      says: `Against Grad-CAM++: ${(['mass', 'covered@0.5', 'focc'] as const).map((metric) => standings(tables, [metric, 'gradcam'])).join('. ')}.`,
      where: `${where} gradcam`,
      table: differences(tables, [
        ['mass', 'gradcam'],
        ['covered@0.5', 'gradcam'],
        ['focc', 'gradcam'],
      ]),
    },
  ];
}

const apartWords = ['clearly more with four', 'clearly more with one', 'neither'] as const;

/** What the number of occurrences changes: clearly where the intervals of one and of four lie apart. */
export function occurrences(tables: readonly Placed[]): Answer[] {
  const rows = tables.flatMap((each) => {
    if (standing(each.table, ['focc', SMOOTH]) === 'the same map') return [];
    const parts = each.table.strata.flatMap(({ title, differences: own }) => {
      const found = own.find(({ metric, name }) => metric === 'focc' && name === SMOOTH);
      return /^\d.* occurrences?$/.test(title) && found !== undefined ? [{ title, ...found }] : [];
    });
    return parts.length < 2 ? [] : [{ each, parts }];
  });
  if (rows.length === 0) return [];
  const found = new Map(
    rows.map(({ each, parts }) => {
      const [one, four] = [parts[0].difference, parts[parts.length - 1].difference];
      const word = four.low > one.high ? apartWords[0] : one.low > four.high ? apartWords[1] : apartWords[2];
      return [each.table.model, word] as const;
    }),
  );
  const columns = rows[0].parts.map(({ title }) => title);
  return [
    {
      question: 'Does it gain more where there are more?',
      says: `F_occ, Smooth Grad-CAM++ less Grad-CAM++; clearly where the intervals of one and of four lie apart: ${grouped(apartWords, found)}.`,
      where: `${lettersOf(tables)}, rows ${columns[0]} to ${columns[columns.length - 1]}`,
      table: table(
        ['network', ...columns],
        rows.map(({ each, parts }) => [
          modelOf(each),
          ...parts.map(({ difference }) => differenceText(difference)),
        ]),
      ),
    },
  ];
}

export function contribution(tables: readonly Placed[]): Answer[] {
  const shown = ['gradcam', 'gradcam++', SMOOTH] as const;
  const own = tables.filter((each) => lineOf(each.table, 'contribution', 'gradcam++') !== undefined);
  if (own.length === 0) return [];
  const meanOf = (each: Placed, name: string) => lineOf(each.table, 'contribution', name)?.mean ?? Number.NaN;
  const sizesWin = (name: string) => own.filter((each) => meanOf(each, 'ones') >= meanOf(each, name)).length;
  const told = shown.map(
    (name) => `${titleOf(name)} by ${own.length - sizesWin(name)} of ${own.length} networks`,
  );
  return [
    {
      question: 'Does a map’s share follow what each occurrence really contributes?',
      says: `More than sizes alone do, which a map of ones tells: ${told.join(', ')}. The last against Grad-CAM++, ${standings(own, ['contribution', SMOOTH])}. Rank correlation, 0 is chance.`,
      where: `${lettersOf(own)}, column contribution`,
      table: table(
        ['network', ...shown.map(titleOf), 'ones: sizes alone'],
        own.map((each) => [
          modelOf(each),
          ...[...shown, 'ones'].map((name) => number(meanOf(each, name), 2)),
        ]),
      ),
    },
  ];
}
