import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { camMap, normalizeMap, signedMap } from '../../src/cam/map.ts';
import { ShapeError } from '../../src/tensor/errors.ts';
import { castTo, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';

const test = suite('map');

const activation = tensor([
  [
    [1, 2],
    [3, 4],
  ],
  [
    [4, 2],
    [0, -1],
  ],
]);

test('L = ReLU(Σ_k w_k A^k)', () => {
  const map = camMap(activation, [1, -0.5]);
  assert.equal(map.shape, [2, 2]);
  assert.is(map.dtype, 'float64');
  same(map.data, [0, 1, 3, 4.5]);
  same(camMap(castTo(activation, 'float32'), Float64Array.of(1, -0.5)).data, map.data);
});

test('before the ReLU both signs are there', () => {
  same(signedMap(activation, [1, -0.5]).data, [-1, 1, 3, 4.5]);
  same(
    signedMap(activation, [0, -1], { select: { region: { y0: 0, x0: 0, y1: 1, x1: 1 } } }).data,
    [-4, 0, 0, 0],
  );
});

test('without a weight or an activation the map is 0, never −0', () => {
  same(camMap(activation, [-1, 0]).data, [0, 0, 0, 0]);
  same(camMap(tensor([[[0]]]), [-1]).data, [0]);
});

test('a selection keeps its own neurons in the map', () => {
  same(camMap(activation, [1, 1], { select: { maps: [1] } }).data, [4, 2, 0, 0]);
  same(camMap(activation, [1, 1], { select: { region: { y0: 0, x0: 1, y1: 2, x1: 2 } } }).data, [0, 4, 0, 3]);
  const neurons = [
    { k: 0, y: 1, x: 0 },
    { k: 1, y: 0, x: 0 },
  ];
  same(camMap(activation, [1, 1], { select: { neurons } }).data, [4, 0, 3, 0]);
  same(camMap(activation, [1, 1], { select: { neurons, maps: [0] } }).data, [0, 0, 3, 0]);
});

test('weights that do not fit or are not finite are refused', () => {
  assert.throws(
    () => camMap(activation, [1]),
    (error: unknown) => error instanceof ShapeError,
  );
  assert.throws(() => camMap(activation, [1, Number.NaN]), /weights must be finite, got NaN at \[1\]/);
});

test('display divides by the maximum; an all-zero map stays', () => {
  const raw = tensor([
    [1, 4],
    [0, 2],
  ]);
  same(normalizeMap(raw).data, [0.25, 1, 0, 0.5]);
  same(raw.data, [1, 4, 0, 2]);
  same(normalizeMap(tensor([[0, 0]])).data, [0, 0]);
  same(normalizeMap(tensor([[1e-320, 5e-321]])).data, [1, 5e-321 / 1e-320]);
  assert.throws(() => normalizeMap(tensor([[1, Number.NaN]])), /the map must be finite/);
});

test.run();
