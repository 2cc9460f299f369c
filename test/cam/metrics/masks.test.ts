import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Mask, Relevance } from '../../../src/cam/metrics/metric.ts';
import { type MetricName, metricOf } from '../../../src/cam/metrics/metrics.ts';
import { relevanceOf } from '../../../src/cam/metrics/relevance.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('metrics of masks');

const mapOf = (rows: number[][]) => relevanceOf(tensor(rows)) as Relevance;

function measured(name: MetricName, map: Relevance, masks: readonly Mask[]): number | undefined {
  const metric = metricOf(name);
  assert.is(metric.needs, 'masks');
  return metric.needs === 'masks' ? metric.measure(map, masks) : undefined;
}

// Two occurrences: two cells with 6 together, one with 2.
const map = mapOf([
  [4, 2, 0],
  [0, 2, 8],
  [0, 0, 0],
]);
const first = [1, 1, 0, 0, 0, 0, 0, 0, 0];
const second = [0, 0, 0, 0, 1, 0, 0, 0, 0];

test('the point is the brightest pixel', () => {
  assert.is(measured('pointing', map, [first, second]), 0);
  assert.is(measured('pointing', map, [first, [0, 0, 0, 0, 0, 2, 0, 0, 0]]), 1);
});

test('a point counts within 15 px at a side of 224', () => {
  // At a side of 30 the reach is 15 · 30/224 = 2.009: two pixels beside, not across a corner.
  const size = 30;
  const data = Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (_, x) => Number(y === 10 && x === 10)),
  );
  const at = (y: number, x: number) => {
    const mask = new Uint8Array(size * size);
    mask[y * size + x] = 1;
    return measured('pointing', mapOf(data), [mask]);
  };
  assert.equal([at(10, 12), at(8, 10), at(11, 11), at(12, 11), at(10, 13)], [1, 1, 1, 0, 0]);
});

test('a constant map points at its first pixel', () => {
  const flat = mapOf([
    [1, 1],
    [1, 1],
  ]);
  assert.is(measured('pointing', flat, [[0, 0, 0, 1]]), 0);
  assert.is(measured('pointing', flat, [[1, 0, 0, 0]]), 1);
});

test('mass inside: 8 of 16', () => {
  assert.is(measured('mass', map, [first, second]), 0.5);
  // Pixels of two masks count once.
  assert.is(measured('mass', map, [first, first]), 6 / 16);
});

test('Loc(δ) intersects the region with boxes', () => {
  // δ = 0.5: cells of 4 and 8; the box of an L has 4 cells, of which one is bright.
  const corner = [1, 0, 0, 1, 1, 0, 0, 0, 0];
  assert.is(measured('loc@0.5', map, [corner]), 1 / 5);
  // δ = 0.15: 1.2 and above, four cells, three of them inside.
  assert.is(measured('loc@0.15', map, [corner]), 3 / 5);
});

test('best IoU over all thresholds', () => {
  // Inside: 4, 2 and 2. t = 8: 0/4, t = 4: 1/4, t = 2: 3/4, t = 0: 3/9
  assert.is(measured('iou', map, [first, second]), 3 / 4);
});

test('PxAP takes equal pixels together', () => {
  // t = 8: recall 0; t = 4: recall 1/3, precision 1/2; t = 2: recall 1, precision 3/4
  close(measured('pxap', map, [first, second]) as number, (1 / 3) * (1 / 2) + (2 / 3) * (3 / 4), {});
});

test('covered occurrences', () => {
  // Maxima 4 and 2 of 8
  assert.equal(
    [measured('covered@0.15', map, [first, second]), measured('covered@0.5', map, [first, second])],
    [1, 0.5],
  );
});

test('evenness is for the areas, and says nothing of one', () => {
  // Densities 6/2 and 2/1: q = 3/5, 2/5
  const entropy = -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.4));
  close(measured('evenness', map, [first, second]) as number, Math.exp(entropy) / 2, {});
  assert.is(measured('evenness', map, [first]), undefined);
  const dark = [0, 0, 0, 0, 0, 0, 1, 0, 0];
  assert.is(measured('evenness', map, [first, dark]), 0.5);
  assert.is(measured('evenness', map, [dark, dark]), 0);
});

test('F_occ is the harmonic mean of coverage and mass', () => {
  close(measured('focc', map, [first, second]) as number, 2 / 3, {});
  assert.is(measured('focc', map, [[0, 0, 0, 0, 0, 0, 1, 0, 0]]), 0);
});

test('contribution is the rank correlation with what removals cost', () => {
  const metric = metricOf('contribution');
  assert.is(metric.needs, 'removals');
  if (metric.needs !== 'removals') return;
  const third = [0, 0, 0, 0, 0, 1, 0, 0, 0];
  // Sums 6, 2, 8
  close(metric.measure(map, [first, second, third], [0.5, 0.1, 0.9]) as number, 1, {});
  close(metric.measure(map, [first, second, third], [0.5, 0.9, 0.1]) as number, -1, {});
  close(metric.measure(map, [first, second, third], [0.9, 0.1, 0.5]) as number, 0.5, {});
  assert.is(metric.measure(map, [first, second], [1, 1]), 0);
  assert.is(metric.measure(map, [first], [1]), undefined);
});

test('maps that say nothing are named', () => {
  assert.is(relevanceOf(tensor([[0, -2]])), 'empty');
  assert.is(relevanceOf([[0, Number.NaN]]), 'nan');
  assert.is(relevanceOf([[1, Number.POSITIVE_INFINITY]]), 'nan');
  assert.throws(() => relevanceOf(tensor([1, 2])), /measure the map.*\[H, W\]/);
});

test.run();
