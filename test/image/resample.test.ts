import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resample } from '../../src/image/resample.ts';
import { close } from '../support/check.ts';

const test = suite('resample');

const row = (...values: number[]) => ({ width: values.length, height: 1, data: Float64Array.from(values) });

test('made larger: half-pixel centres, edges clamped', () => {
  // Centres of the new cells in old cells: −1/4, 1/4, 3/4, 5/4.
  close(resample(row(0, 8), { width: 4, height: 1 }).data, [0, 2, 6, 8], { relative: 1e-15 });
});

test('made smaller: the triangle covers every cell', () => {
  // Factor 2: weights 1, 3, 3, 1 over 8; at the edge the first is missing.
  close(
    resample(row(8, 16, 24, 48, 0, 8), { width: 3, height: 1 }).data,
    [(3 * 8 + 3 * 16 + 24) / 7, (16 + 3 * 24 + 3 * 48) / 8, (48 + 24) / 7],
    {
      relative: 1e-15,
    },
  );
});

test('both ways at once is one after the other', () => {
  const plane = { width: 2, height: 2, data: Float64Array.of(0, 4, 8, 12) };
  const out = resample(plane, { width: 1, height: 4 });
  assert.equal([out.width, out.height], [1, 4]);
  close(out.data, [2, 4, 8, 10], { relative: 1e-15 });
});

test('constants stay constant; the same size is the same plane', () => {
  const plane = { width: 7, height: 5, data: new Float64Array(35).fill(0.3) };
  for (const [w, h] of [
    [3, 2],
    [20, 11],
    [1, 1],
  ]) {
    const { data } = resample(plane, { width: w, height: h });
    close(data, new Float64Array(w * h).fill(0.3), { relative: 1e-15 });
  }
  assert.is(resample(plane, { width: 7, height: 5 }), plane);
});

test('placed: the plane lies there, its edges go on', () => {
  const { data } = resample(row(0, 8), { width: 6, height: 1, place: { x: 1, y: 0, width: 4, height: 1 } });
  close(data, [0, 0, 2, 6, 8, 8], { relative: 1e-15 });
  const between = resample(row(0, 8), { width: 3, height: 1, place: { x: 0.5, y: 0, width: 2, height: 1 } });
  close(between.data, [0, 4, 8], { relative: 1e-15 });
});

test.run();
