import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scaledMap } from '../../../src/cam/brightest.ts';
import type { Explanation, MethodMap } from '../../../src/cam/explanation.ts';
import { createScales, scaledText } from '../../../src/node/explanation/mapScale.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('mapScale');

test('values have three digits, and a power of ten where they are very large or small', () => {
  assert.is(scaledText(0, 900), '0');
  assert.is(scaledText(0.123456, 0), '0.123');
  assert.is(scaledText(-0.5, 0), '−0.5');
  assert.is(scaledText(99_999, 0), '100000');
  assert.is(scaledText(1_950_000_000_000, 0), '1.95 · 10¹²');
  assert.is(scaledText(0.00012345, 0), '1.23e−4');
  assert.is(scaledText(2, 1000 * Math.LN10), '2 · 10¹⁰⁰⁰');
  assert.is(scaledText(9.999, 300 * Math.LN10), '1 · 10³⁰¹');
});

/** Characters that a font has a letter for: its table of ranges, format 4. */
function lettersOf(font: Buffer): Set<number> {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i);
  const table = tables.find((at) => font.toString('latin1', at, at + 4) === 'cmap') ?? 0;
  const cmap = font.readUInt32BE(table + 8);
  const parts = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) => cmap + 4 + 8 * i);
  const letters = new Set<number>();
  for (const part of parts) {
    const at = cmap + font.readUInt32BE(part + 4);
    if (font.readUInt16BE(at) !== 4) continue;
    const doubled = font.readUInt16BE(at + 6);
    for (let i = 0; i < doubled; i += 2) {
      const [end, start] = [font.readUInt16BE(at + 14 + i), font.readUInt16BE(at + 16 + doubled + i)];
      for (let code = start; code <= end; code++) letters.add(code);
    }
  }
  return letters;
}

test('panels have letters for every value', () => {
  const letters = lettersOf(readFileSync(new URL('../../../fonts/IBMPlexSans-Regular.ttf', import.meta.url)));
  assert.ok(letters.has('a'.charCodeAt(0)) && !letters.has('⁻'.charCodeAt(0)));
  for (const value of [1e-300, 0.00012345, 0.5, 1.234_567_89e89, 9e21]) {
    const text = scaledText(value, 0);
    for (const letter of text) assert.ok(letters.has(letter.charCodeAt(0)), `${letter} of ${text}`);
  }
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
