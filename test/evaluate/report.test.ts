import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartOf, ticksIn } from '../../src/evaluate/report/chart.ts';
import { compare } from '../../src/evaluate/report/compare.ts';
import { extremesOf } from '../../src/evaluate/report/sheet.ts';
import { strata, tableOf } from '../../src/evaluate/report/strata.ts';
import { addPicture, createTable } from '../../src/evaluate/report/table.ts';
import type { ClassResult, Finding, PictureResult } from '../../src/evaluate/result.ts';
import { fromSmallMap, smallMap } from '../../src/evaluate/smallMap.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

const test = suite('report of an evaluation');

const map = { height: 1, width: 1, bytes: 'AA==' };
const finding = (name: Finding['method'], mass: number | null, state: Finding['state'] = 'ok'): Finding => ({
  ...{ method: name, name, setting: {}, state, metrics: { mass }, map },
});

/** A table of pictures: values of mass for gradcam, gradcam++ and ones. */
function tableOfValues(
  pictures: readonly { values: readonly (number | null)[]; classIndex?: number; occurrences?: number }[],
) {
  const table = createTable('m', 'label');
  for (const [piece, { values, classIndex = 0, occurrences = 1 }] of pictures.entries()) {
    const [gradcam, plus, ones] = values;
    const own: ClassResult = {
      ...{ index: classIndex, label: null, as: ['label'] },
      findings: [
        finding('gradcam', gradcam, gradcam === 0 ? 'empty' : 'ok'),
        finding('gradcam++', plus),
        finding('ones', ones),
      ],
    };
    const result: PictureResult = {
      ...{ picture: 'p', model: 'm', label: null, occurrences, classes: [own] },
      predicted: { index: 0, label: null, probability: 1 },
    };
    addPicture(table, result, { piece, own });
  }
  return table;
}

test('methods are held against Grad-CAM++, picture by picture', () => {
  const table = tableOfValues([
    { values: [0.5, 0.25, 0.1] },
    { values: [0.25, 0.5, 0.1] },
    { values: [0, 0.5, 0.1], classIndex: 1 },
    { values: [null, null, null] },
  ]);
  const found = compare(table, 'mass', 0) ?? assert.unreachable();
  if (found === undefined) return;
  assert.is(found.reference, 'gradcam++');
  const [gradcam, plus, ones] = found.lines;
  assert.equal([gradcam.mean, gradcam.count, gradcam.empty], [0.25, 3, 1]);
  // Class 0: (0.5 + 0.25)/2, class 1: 0
  assert.is(gradcam.classMean, 0.375 / 2);
  close(gradcam.difference?.mean ?? 1, -0.5 / 3, {});
  assert.is(gradcam.win, 1 / 3);
  assert.is(plus.difference, undefined);
  assert.equal([ones.isControl, gradcam.isControl, found.onesWin], [true, false, false]);
});

test('a metric under which ones win is named, and one that says nothing is left out', () => {
  assert.is(compare(tableOfValues([{ values: [0.2, 0.1, 0.2] }]), 'mass', 0)?.onesWin, true);
  assert.is(compare(tableOfValues([{ values: [null, null, null] }]), 'mass', 0), undefined);
});

test('parts of the pictures', () => {
  const table = tableOfValues([
    { values: [0.5, 0.25, 0.1], occurrences: 2 },
    { values: [0.25, 0.5, 0.1], occurrences: 3 },
  ]);
  const two = strata.find(({ title }) => title === '2 occurrences') ?? strata[0];
  assert.equal(tableOf(table, two)?.columns.get('gradcam')?.metrics.mass, [0.5]);
  assert.is(tableOf(table, strata[0]), undefined);
});

test('pictures where a method gains and loses most, by the numbers that the table has', () => {
  const table = tableOfValues([
    { values: [0.5, 0.25, 0] },
    { values: [0.25, 0.5, 0] },
    { values: [null, 0.5, 0] },
    { values: [1, 0.25, 0] },
    { values: [0.5, 0.5, 0] },
    { values: [0.75, 0.5, 0] },
  ]);
  const duel = { kind: 'label', metric: 'mass', of: 'gradcam', against: 'gradcam++' } as const;
  const { best, worst } = extremesOf(table, { ...duel, better: 'more' });
  assert.equal(best, [
    { piece: 3, gain: 0.75 },
    { piece: 0, gain: 0.25 },
    { piece: 5, gain: 0.25 },
  ]);
  assert.equal(worst, [{ piece: 1, gain: -0.25 }]);
  assert.is(extremesOf(table, { ...duel, better: 'less' }).best[0].piece, 1);
});

test('ticks are round and inside', () => {
  assert.equal(ticksIn(-0.31, 0.42), [-0.2, 0, 0.2, 0.4]);
  assert.equal(ticksIn(0, 0), [0]);
  for (const span of [1e-6, 0.7, 1, 3, 99, 12345]) {
    const ticks = ticksIn(-span / 3, span);
    assert.ok(ticks.length >= 2 && ticks.length <= 7 && ticks.includes(0), `${span}: ${ticks}`);
  }
});

test('a chart has a row for each method but the reference, its numbers finite', () => {
  const found = compare(
    tableOfValues([{ values: [0.5, 0.25, 0.1] }, { values: [0.25, 0.5, 0.1] }]),
    'mass',
    0,
  );
  const svg = chartOf(found === undefined ? [] : [found]);
  assert.is(svg.match(/<circle/g)?.length, 2);
  assert.not.match(svg, /NaN|Infinity|undefined/);
});

test('a small map is the map, to 1/255 of its maximum', () => {
  const raw = tensor([
    [0, 1],
    [2, -4],
  ]);
  close(
    fromSmallMap(smallMap(raw)),
    tensor([
      [0, 0.5],
      [1, 0],
    ]),
    { absolute: 1 / 510 },
  );
});

test.run();
