import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { conclusionOf } from '../../scripts/experiments/conclusion.ts';
import { noiseChart, settingOf } from '../../scripts/experiments/noiseChart.ts';
import { pageOf } from '../../scripts/experiments/page.ts';
import { evaluations, sceneAt } from '../../scripts/experiments/plan.ts';
import {
  differenceText,
  differs,
  meansTable,
  standing,
  strataTable,
  tablesOf,
} from '../../scripts/experiments/tables.ts';
import type { MetricName } from '../../src/cam/metrics/metrics.ts';
import type { TableSummary } from '../../src/evaluate/report/summary.ts';
import { difference, findingsOf, plain, tableOf } from './findings.ts';

const test = suite('docs/experiments.md');

const metrics: readonly MetricName[] = ['mass', 'covered@0.5', 'focc', 'contribution'];
const better = { ...plain, 'smoothgradcam++': [0.6, 0.7, 0.8, 0.9] };

test('means of methods: marks where the interval leaves out 0, controls, metrics that ones win', () => {
  const text = meansTable(tableOf(['mass', 'drop'], { ...plain, ones: [0, 0, 0, 0] }), ['mass', 'drop']);
  // Less drop is better: there ones win
  assert.is(text[0], '| method | mass inside | average drop ○ | empty |');
  assert.is(text[2], '| gradcam | 0.650 ▲ | 0.650 ▲ | 0 |');
  assert.is(text[3], '| gradcam++ | 0.550 | 0.550 | 0 |');
  assert.is(text[4], '| smoothgradcam++ | 0.350 ▼ | 0.350 ▼ | 0 |');
  assert.is(text[5], '| *ones* | 0.000 ▼ | 0.000 ▼ | 0 |');
});

test('empty maps and maps with NaN are counted', () => {
  const states = { gradcam: { empty: 2, nan: 0 }, 'smoothgradcam++': { empty: 1, nan: 3 } };
  const text = meansTable(tableOf(['mass'], plain, { states }), ['mass']).join('\n');
  assert.match(text, /\| gradcam \| 0\.650 ▲ \| 2 \|/);
  assert.match(text, /\| smoothgradcam\+\+ \| 0\.350 ▼ \| 1 \+ 3 NaN \|/);
});

test('a difference and where it lies', () => {
  assert.is(differenceText(difference(-0.25, 0.125)), '−0.250 [−0.375, −0.125]');
  assert.is(differenceText({ ...difference(0, 0), count: 0 }), '–');
  assert.is(differenceText({ ...difference(0.5, 0), count: 1 }), '+0.500 (one scene)');
  assert.equal(
    [0.2, -0.2, 0.05].map((mean) => differs(difference(mean, 0.1))),
    [1, -1, 0],
  );
});

test('how a method stands: by the way that is better, and where it is the reference', () => {
  const table = tableOf(['mass', 'drop'], plain);
  assert.is(standing(table, ['mass', 'gradcam']), 'better');
  assert.is(standing(table, ['drop', 'gradcam']), 'worse');
  const notes = ['smoothgradcam++ is gradcam++ in some or all pictures'];
  assert.is(standing({ ...table, notes }, ['mass', 'smoothgradcam++']), 'the same map');
  assert.throws(() => standing(table, ['mass', 'layercam']), /No line for net, mass, layercam/);
});

test('parts of the scenes: all of them, a line for each method', () => {
  const part = (title: string) => ({
    ...{ title, count: 3 },
    differences: [{ metric: 'mass' as const, name: 'gradcam', difference: difference(0.5, 0.25) }],
  });
  const strata = [part('1 occurrence'), part('nearest two closer than 0.4 sides')];
  const text = strataTable(tableOf(['mass'], plain, { strata }), {
    ...{ methods: ['gradcam', 'layercam'], metrics: ['mass'] },
  });
  assert.is(text[2], '| 1 occurrence | gradcam | 3 | +0.500 [+0.250, +0.750] |');
  assert.is(text[5], '| nearest two closer than 0.4 sides | layercam | 3 | – |');
});

test('the conclusion says what the rows say, and other rows say otherwise', () => {
  const of = (table: TableSummary) => conclusionOf(findingsOf([table])).join('\n');
  const worse = of(tableOf(metrics, plain));
  assert.match(
    worse,
    /localise better than Grad-CAM\+\+\?\n\nBy 0 of 1 networks: mass inside worse by net\./,
  );
  assert.match(worse, /\| net \(A\) \| −0\.200 \[−0\.200, −0\.200\] ▼ \|/);
  assert.match(worse, /tells: Grad-CAM by 1 of 1 networks, Grad-CAM\+\+ by 1 of 1 networks/);
  const won = of(tableOf(metrics, better));
  assert.match(won, /localise better than Grad-CAM\+\+\?\n\nBy 1 of 1 networks: mass inside better by net\./);
  assert.match(won, /\| net \(A\) \| \+0\.200 \[\+0\.200, \+0\.200\] ▲ \|/);
  const same = of(tableOf(metrics, plain, { notes: ['smoothgradcam++ is gradcam++ here'] }));
  assert.match(same, /mass inside the same map by net/);
  assert.match(same, /\| net \(A\) \| the same map \|/);
});

const strataOf = (differences: readonly (readonly [title: string, mean: number])[]) =>
  differences.map(([title, mean]) => ({
    ...{ title, count: 2 },
    differences: [{ metric: 'focc' as const, name: 'smoothgradcam++', difference: difference(mean, 0.05) }],
  }));

test('more occurrences: clearly only where the intervals of one and of four lie apart', () => {
  const of = (one: number, four: number) => {
    const strata = strataOf([
      ['1 occurrence', one],
      ['2 occurrences', 0],
      ['4 and more occurrences', four],
      ['occurrences below 3 % of the picture', 0.9],
      ['nearest two closer than 0.4 sides', 0],
    ]);
    return conclusionOf(findingsOf([tableOf(metrics, plain, { strata })])).join('\n');
  };
  assert.match(of(0, 0.2), /lie apart: clearly more with four by net\. \(A, rows 1 occurrence to 4 and more/);
  assert.match(of(0.2, 0), /lie apart: clearly more with one by net\./);
  assert.match(of(0, 0.09), /lie apart: neither by net\./);
  assert.match(
    of(0, 0.2),
    /\| net \(A\) \| 0\.000 \[−0\.050, \+0\.050\] \| .* \| \+0\.200 \[\+0\.150, \+0\.250\] \|/,
  );
});

/** Found over two scenes: how far the maps overlap, and what the first way gains. */
const foundOf = (title: string, overlap: number, mean: number) => ({
  ...{ title, count: 2, correlation: 0.5, overlap, top: 1, flipped: 0.25, empty: [1, 0] as const },
  gain: difference(mean, 0.05),
});

test('true derivatives: where the map is the same, where it is another, and what that gains', () => {
  const networks = [
    { network: 'relu', samples: 1, rows: [foundOf('derivatives of exp, true or powers', 1, 0)] },
    { network: 'gelu', samples: 1, rows: [foundOf('derivatives of exp, true or powers', 0.25, -0.1)] },
    { network: 'linear', samples: 1, rows: [{ title: 'derivatives of exp, true', refused: 'no curvature' }] },
  ];
  const findings = { ...findingsOf([tableOf(metrics, plain)]), derivatives: { sigma: 0.05, networks } };
  const text = conclusionOf(findings).join('\n');
  assert.match(text, /The same map by relu; another map by gelu \(overlap 0\.25\)\./);
  assert.match(
    text,
    /F_occ of the true ones: worse by gelu; no different by relu\. \(F, rows derivatives of exp\)/,
  );
  assert.match(
    text,
    /\| gelu \| 2 \| 0\.250 \| 0\.500 \| −0\.100 \[−0\.150, −0\.050\] \| 25 % \| 1 and 0 \|/,
  );
  assert.not.match(text, /linear/);
});

test('every answer points to its rows', () => {
  const strata = strataOf([
    ['1 occurrence', 0.1],
    ['4 and more occurrences', 0.1],
  ]);
  const lines = conclusionOf(findingsOf([tableOf(metrics, plain, { strata })]));
  const questions = lines.filter((line) => line.startsWith('### '));
  assert.ok(questions.length >= 5);
  for (const question of questions) {
    const answer = lines[lines.indexOf(question) + 2];
    assert.match(answer, /\((?:[A-H](?: and [A-H])*, (?:rows?|columns?|chart)|columns) ?[^)]*\)$/, question);
  }
});

test('the page has every part, the files of the networks, and what it took', () => {
  const prediction = tableOf(metrics, better, { kind: 'prediction' });
  const page = pageOf(findingsOf([tableOf(metrics, plain), prediction]));
  for (const { title } of evaluations) assert.ok(page.includes(title), title);
  assert.match(page, /\| net \| 0123456789abcdef… \|/);
  assert.match(page, /^3 min by the clock in all, 2 processes/m);
  assert.match(page, /### A, net, the class that it predicts/);
  assert.not.match(page, /undefined|NaN(?! \|)|\[object/);
});

test('n and σ as a chart: a square for each, bold where the interval leaves out 0', () => {
  const values = {
    ...plain,
    'smoothgradcam++ σ 0.05 n 1': [0.5, 0.6, 0.7, 0.8],
    'smoothgradcam++ σ 0.15 n 25': [0.5, 0.4, 0.7, 0.6],
  };
  const noise = [{ name: 'smoothgradcam++ σ 0.05 n 1', onTop: 0.5, effectiveSampleSize: 1 }];
  const svg = noiseChart([tableOf(['mass'], values, { noise })]);
  assert.is(svg.match(/<rect x=/g)?.length, 3);
  assert.match(svg, /font-weight="600"[^>]*>\+0\.100</);
  assert.match(svg, /font-weight="400"[^>]*>0\.000</);
  assert.match(svg, />1\.0</);
  assert.match(svg, />50 %</);
  assert.not.match(svg, /NaN|Infinity|undefined/);
  assert.equal(settingOf('smoothgradcam++ σ 0.05 n 25'), { sigma: 0.05, samples: 25 });
  assert.is(settingOf('gradcam++'), undefined);
  assert.not.match(noiseChart([]), /NaN|Infinity/);
});

test('the tables of a kind', () => {
  const [{ summary }] = findingsOf([
    tableOf(metrics, plain),
    tableOf(metrics, plain, { kind: 'prediction' }),
  ]).evaluations;
  assert.equal(
    tablesOf(summary).map(({ kind }) => kind),
    ['label'],
  );
  assert.equal(
    tablesOf(summary, 'prediction').map(({ kind }) => kind),
    ['prediction'],
  );
});

test('few scenes are spread over all numbers of occurrences', () => {
  assert.equal(
    Array.from({ length: 4 }, (_, i) => sceneAt(i, 4)),
    [0, 12, 24, 36],
  );
  assert.is(sceneAt(47, 48), 47);
  assert.is(sceneAt(100, 240), 100);
});

test.run();
