import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { layerCam } from '../../src/cam/layerCam.ts';
import { tensor, toNested } from '../../src/tensor/tensor.ts';
import { evidence } from './makeEvidence.ts';

const test = suite('layerCam');

const activation = tensor([
  [
    [1, 2],
    [3, -4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
]);
const d1 = tensor([
  [
    [1, -1],
    [0.5, 2],
  ],
  [
    [-3, 0.5],
    [0, 0.25],
  ],
]);
const e = evidence({ activation, d1, d2: d1, d3: d1, score: 'logit' });

test('ReLU(Σ_k ReLU(D1) A), by hand', () => {
  const { map, maps } = layerCam(e);
  // map 0: [1·1, 0; 0.5·3, 2·(−4)], map 1: [0, 0.5·6; 0, 0.25·8]; the last cell is −8 + 2 < 0
  assert.equal(toNested(map), [
    [1, 3],
    [1.5, 0],
  ]);
  assert.equal(maps, [0, 1]);
});

test('a selection keeps its entries; top keeps the maps of the largest share', () => {
  assert.equal(toNested(layerCam(e, { select: { region: { y0: 0, x0: 0, y1: 1, x1: 2 } } }).map), [
    [1, 3],
    [0, 0],
  ]);
  // shares: 1 + 1.5 − 8 = −5.5 and 3 + 2 = 5
  const top = layerCam(e, { select: { maps: { top: 1 } } });
  assert.equal(top.maps, [0]);
  assert.equal(toNested(top.map), [
    [1, 0],
    [1.5, 0],
  ]);
});

test('the gradient is that of the logit', () => {
  assert.throws(
    () => layerCam(evidence({ activation, d1, d2: d1, d3: d1, score: 'exp' })),
    /run layercam.*score logit/,
  );
});

test.run();
