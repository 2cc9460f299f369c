import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scaledMap } from '../../../src/cam/brightest.ts';
import type { Explanation, MethodMap } from '../../../src/cam/explanation.ts';
import { createScales, scaledText } from '../../../src/cli/explain/mapScale.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('mapScale');

test('values have three digits, and a power of ten where they are very large or small', () => {
  assert.is(scaledText(0, 900), '0');
  assert.is(scaledText(0.123456, 0), '0.123');
  assert.is(scaledText(99_999, 0), '100000');
  assert.is(scaledText(1_950_000_000_000, 0), '1.95 · 10¹²');
  assert.is(scaledText(0.00012345, 0), '1.23 · 10⁻⁴');
  assert.is(scaledText(2, 1000 * Math.LN10), '2 · 10¹⁰⁰⁰');
  assert.is(scaledText(9.999, 300 * Math.LN10), '1 · 10³⁰¹');
});

const mapOf = (values: number[], logScale: number) =>
  ({ raw: tensor([values]), logScale }) as unknown as MethodMap;
const scales = { common: false, signed: false };
const explanations = [mapOf([1, 4], 0), mapOf([0.5, 2], Math.log(16))].map(
  (gradcam): Explanation['maps'] => ({ gradcam, smoothgrad: gradcam }),
);
const [first, second] = explanations.map(({ gradcam }) => gradcam as MethodMap);

test('each map by itself is drawn up to its own maximum', () => {
  const scaleOf = createScales(explanations, scales);
  assert.equal(scaleOf('gradcam', first), { upTo: 4, low: '0', text: 'maximum 4' });
  assert.equal(scaleOf('gradcam', second), { upTo: 2, low: '0', text: 'maximum 32' });
  assert.equal(scaleOf('smoothgrad', first), {
    upTo: 3.9699999999999998,
    low: '0',
    text: '99th percentile 3.97',
  });
  assert.equal(scaledMap(first.raw, scaleOf('gradcam', first).upTo), tensor([[0.25, 1]]));
});

test('a common scale is that of the brightest true value, whatever logScale holds it', () => {
  const scaleOf = createScales(explanations, { ...scales, common: true });
  const [a, b] = [scaleOf('gradcam', first), scaleOf('gradcam', second)];
  assert.equal([a.text, b.text], ['common maximum 32', 'common maximum 32']);
  close([a.upTo, b.upTo], [32, 2], { absolute: 0, relative: 1e-14 });
  close(scaledMap(first.raw, a.upTo).data, [1 / 32, 1 / 8], { absolute: 0, relative: 1e-14 });
});

test('a signed map goes as far below 0 as above, and keeps its signs', () => {
  const map = mapOf([-4, 2], 0);
  const scaleOf = createScales([], { ...scales, signed: true });
  assert.equal(scaleOf('gradcam', map), { upTo: 4, low: '−4', text: 'maximum of |Σ w·A| 4' });
  assert.is(scaleOf('layercam', map).low, '0');
  assert.equal(scaledMap(map.raw, scaleOf('gradcam', map).upTo), tensor([[-1, 0.5]]));
});

test('a map of zeros stays one', () => {
  const map = mapOf([0, 0], 0);
  const scale = createScales([], scales)('gradcam', map);
  assert.equal(scaledMap(map.raw, scale.upTo), tensor([[0, 0]]));
  assert.is(scale.upTo, 0);
});

test.run();
