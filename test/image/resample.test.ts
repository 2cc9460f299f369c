import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bumps, resample } from '../../src/image/resample.ts';
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

test('bicubic is exact on parabolas inside and on constants at the edges, and agrees with Pillow', () => {
  const width = 12;
  const plane = { width, height: 1, data: Float64Array.from({ length: width }, (_, x) => (x + 0.5) ** 2) };
  // Twice as large, the cell i lies at (i + 0.5) / 2; Keys' cubic with slope −1/2 reproduces parabolas.
  const { data } = resample(plane, { width: 2 * width, height: 1 }, bumps.bicubic);
  const inside = Array.from(data).slice(4, -4);
  close(
    inside,
    inside.map((_, i) => ((i + 4.5) / 2) ** 2),
    { relative: 1e-12 },
  );
  const flat = resample(
    { width: 5, height: 1, data: new Float64Array(5).fill(3) },
    { width: 3, height: 1 },
    bumps.bicubic,
  );
  close(Array.from(flat.data), [3, 3, 3], { relative: 1e-14 });
  // Pillow 12.3: Image.fromarray(float32 i^1.7, 5 × 6).resize((4, 3), BICUBIC).
  const powers = Float64Array.from({ length: 30 }, (_, i) => Math.fround(i ** 1.7));
  const smaller = resample({ width: 6, height: 5, data: powers }, { width: 4, height: 3 }, bumps.bicubic);
  close(
    Array.from(smaller.data),
    [
      5.992140769958496, 10.959327697753906, 18.607011795043945, 27.091732025146484, 73.03759002685547,
      87.54724884033203, 104.98323059082031, 121.7733383178711, 194.1602325439453, 215.77146911621094,
      240.92649841308594, 264.4910583496094,
    ],
    { relative: 1e-6 },
  );
});

test.run();
