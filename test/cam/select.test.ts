import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseEntries, strongestMaps } from '../../src/cam/select.ts';
import { InputError } from '../../src/tensor/errors.ts';

const test = suite('select');
const shape = [3, 2, 4];

const refused = (pattern: RegExp) => (error: unknown) =>
  error instanceof InputError && pattern.test(error.message);

test('no selection is the whole layer', () => {
  const { maps, cells, top } = chooseEntries(undefined, shape);
  assert.equal(maps, [0, 1, 2]);
  assert.equal(cells(1), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.is(top, 3);
});

test('maps, ascending and once each', () => {
  assert.equal(chooseEntries({ maps: [2, 0, 2] }, shape).maps, [0, 2]);
});

test('a region is half-open, in layer cells', () => {
  assert.equal(chooseEntries({ region: { y0: 0, x0: 1, y1: 2, x1: 3 } }, shape).cells(2), [1, 2, 5, 6]);
  assert.equal(chooseEntries({ region: { y0: 1, x0: 3, y1: 2, x1: 4 } }, shape).cells(0), [7]);
});

test('neurons pick entries of their own maps', () => {
  const neurons = [
    { k: 2, y: 1, x: 3 },
    { k: 2, y: 0, x: 0 },
    { k: 0, y: 0, x: 1 },
    { k: 2, y: 0, x: 0 },
  ];
  const { maps, cells } = chooseEntries({ neurons }, shape);
  assert.equal(maps, [0, 2]);
  assert.equal([cells(0), cells(1), cells(2)], [[1], [], [0, 7]]);
});

test('what is given intersects, perhaps to nothing', () => {
  const neurons = [
    { k: 0, y: 0, x: 1 },
    { k: 1, y: 1, x: 1 },
    { k: 2, y: 1, x: 1 },
  ];
  const region = { y0: 1, x0: 0, y1: 2, x1: 4 };
  assert.equal(chooseEntries({ neurons, region }, shape).maps, [1, 2]);
  assert.equal(chooseEntries({ neurons, region, maps: [0, 1] }, shape).maps, [1]);
  assert.equal(chooseEntries({ neurons, region, maps: [0] }, shape).maps, []);
});

test('what lies outside is refused with the bounds', () => {
  const choose = (selection: Parameters<typeof chooseEntries>[0]) => () => chooseEntries(selection, shape);
  assert.throws(choose({ maps: [3] }), refused(/a map must be in 0 … 2, got 3/));
  assert.throws(choose({ maps: [1.5] }), refused(/got 1.5/));
  assert.throws(choose({ maps: [-1] }), refused(/got -1/));
  assert.throws(choose({ maps: [] }), refused(/maps is empty/));
  assert.throws(choose({ maps: { top: 0 } }), refused(/top must be .* from 1, got 0/));
  assert.throws(choose({ neurons: [] }), refused(/neurons is empty/));
  assert.throws(choose({ neurons: [{ k: 0, y: 2, x: 0 }] }), refused(/row y must be in 0 … 1, got 2/));
  assert.throws(choose({ neurons: [{ k: 0, y: 0, x: 4 }] }), refused(/column x must be in 0 … 3, got 4/));
  assert.throws(choose({ neurons: [{ k: 9, y: 0, x: 0 }] }), refused(/map k must be in 0 … 2, got 9/));
  for (const [y0, x0, y1, x1] of [
    [0, 0, 3, 4],
    [0, 0, 2, 5],
    [1, 0, 1, 4],
    [-1, 0, 1, 1],
    [0, 2, 1, 1],
    [0, 0.5, 1, 1],
  ]) {
    assert.throws(choose({ region: { y0, x0, y1, x1 } }), refused(/0 ≤ y0 < y1 ≤ 2 and 0 ≤ x0 < x1 ≤ 4/));
  }
});

test('the strongest maps by |w|, ties to the lower', () => {
  assert.equal(strongestMaps([1, -3, 3, 0, -1], [0, 1, 2, 3, 4], 2), [1, 2]);
  assert.equal(strongestMaps([1, -3, 3, 0, -1], [0, 1, 2, 3, 4], 3), [0, 1, 2]);
  assert.equal(strongestMaps([1, -3, 3, 0, -1], [0, 3, 4], 2), [0, 4]);
});

test.run();
