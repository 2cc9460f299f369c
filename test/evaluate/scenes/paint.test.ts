import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  box,
  disc,
  type Figure,
  polygon,
  ring,
  stroke,
  union,
  without,
} from '../../../src/evaluate/scenes/distance.ts';
import { type Mark, maskOf, paintMark } from '../../../src/evaluate/scenes/paint.ts';

const test = suite('paint');

const near = (got: number, wanted: number) =>
  assert.ok(Math.abs(got - wanted) < 1e-15, `${got}, not ${wanted}`);

const mark = (figure: Figure, place: Partial<Mark> = {}): Mark => ({
  figure,
  x: 4,
  y: 4,
  radius: 2,
  turn: [1, 0],
  stretch: 1,
  colours: [
    [200, 100, 0],
    [200, 100, 0],
  ],
  shadow: 0,
  rim: 0,
  ...place,
});

const rows = (mask: Uint8Array, size: number) =>
  Array.from({ length: size }, (_, y) => Array.from(mask.subarray(y * size, (y + 1) * size)).join(''));

test('distances of figures, by hand', () => {
  near(disc([1, 0], 2)(4, 4), 3);
  near(ring([0, 0], 3, 1)(0, 2), -1);
  near(ring([0, 0], 3, 1)(0, 0), 1);
  near(box([-1, -2], [1, 2])(0, 0), -1);
  near(box([-1, -2], [1, 2])(4, 6), 5);
  near(box([-1, -1], [1, 1], 1)(1, 1), Math.SQRT2 - 1);
  near(stroke([0, 0], [4, 0], 0.5)(2, 2), 1.5);
  near(stroke([0, 0], [4, 0], 0.5)(7, 4), 4.5);
  const triangle = polygon([0, 0], [4, 0], [0, 3]);
  near(triangle(1, 1), -1); // the centre of its inscribed circle
  near(triangle(-3, -4), 5);
  near(triangle(4, 3), 12 / 5);
  near(union(disc([0, 0], 1), disc([3, 0], 1))(2.5, 0), -0.5);
  near(without(disc([0, 0], 2), disc([0, 0], 1))(0, 0), 1);
});

test('the mask of a square of four pixels', () => {
  assert.equal(rows(maskOf(mark(box([-1, -1], [1, 1])), 8), 8), [
    '00000000',
    '00000000',
    '00111100',
    '00111100',
    '00111100',
    '00111100',
    '00000000',
    '00000000',
  ]);
});

test('the mask of a triangle that is mirrored, then turned by a quarter', () => {
  const corner = polygon([-1, -1], [1, 1], [-1, 1]);
  const upright = [
    '00000000',
    '00000000',
    '00100000',
    '00110000',
    '00111000',
    '00111100',
    '00000000',
    '00000000',
  ];
  assert.equal(rows(maskOf(mark(corner), 8), 8), upright);
  const mirrored = upright.map((row) => [...row].reverse().join(''));
  assert.equal(rows(maskOf(mark(corner, { stretch: -1 }), 8), 8), mirrored);
  // A quarter to the right brings the lower left corner to the upper left.
  assert.equal(rows(maskOf(mark(corner, { turn: [0, 1] }), 8), 8), [...upright].reverse());
});

test('a pixel that an edge halves is painted by half', () => {
  const planes = new Float64Array(3 * 64).fill(40);
  paintMark(planes, mark(box([-1, -1], [1, 1]), { x: 4.5 }), 8);
  const row = (c: number) => Array.from(planes.subarray(c * 64 + 32, c * 64 + 40));
  assert.equal(row(0), [40, 40, 120, 200, 200, 200, 120, 40]);
  assert.equal(row(2), [40, 40, 20, 0, 0, 0, 20, 40]);
});

test.run();
