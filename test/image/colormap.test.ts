import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  colormapNames,
  colourOf,
  divergingNames,
  isDiverging,
  sequentialNames,
} from '../../src/image/colormap.ts';
import { close } from '../support/check.ts';
import { anchors, makeColormap, okLab } from './makeColormap.ts';

const test = suite('colormap');

for (const name of colormapNames) {
  test(`${name}: the table is what its anchors make`, () => {
    makeColormap(anchors[name], 33).forEach((wanted, i) => {
      const hex = colourOf(isDiverging(name) ? i / 16 - 1 : i / 32, name).map((value) =>
        value.toString(16).padStart(2, '0'),
      );
      assert.is(hex.join(''), wanted);
    });
  });
}

for (const name of sequentialNames) {
  test(`${name}: lightness rises at every step, and evenly`, () => {
    const [from, to] = anchors[name].lightness;
    const lightness = Array.from({ length: 101 }, (_, i) => okLab(colourOf(i / 100, name))[0]);
    for (let i = 1; i < lightness.length; i++) assert.ok(lightness[i] > lightness[i - 1], `step ${i}`);
    close(
      lightness,
      lightness.map((_, i) => from + ((to - from) * i) / 100),
      { absolute: 0.005, relative: 0 },
    );
  });

  test(`${name}: equal steps look equal`, () => {
    const colours = Array.from({ length: 33 }, (_, i) => okLab(colourOf(i / 32, name)));
    const steps = colours.slice(1).map((colour, i) => Math.hypot(...colour.map((v, c) => v - colours[i][c])));
    assert.ok(Math.max(...steps) < 1.4 * Math.min(...steps), `${Math.min(...steps)} … ${Math.max(...steps)}`);
  });
}

for (const name of divergingNames) {
  test(`${name}: lightness falls alike on both sides of 0, where there is hardly a colour`, () => {
    const [end, middle] = anchors[name].lightness;
    const values = Array.from({ length: 101 }, (_, i) => i / 50 - 1);
    close(
      values.map((value) => okLab(colourOf(value, name))[0]),
      values.map((value) => middle + (end - middle) * Math.abs(value)),
      { absolute: 0.006, relative: 0 },
    );
    const [, a, b] = okLab(colourOf(0, name));
    assert.ok(Math.hypot(a, b) < 0.004);
    assert.ok(colourOf(-1, name)[2] > colourOf(-1, name)[0] && colourOf(1, name)[0] > colourOf(1, name)[2]);
  });
}

test('another name is refused', () => {
  assert.throws(() => colourOf(0, 'jet' as 'ember'), /colour maps are ember, lagoon, gray, tide, got jet/);
});

test('values beyond 0 … 1 are clamped', () => {
  assert.equal(colourOf(-3), colourOf(0));
  assert.equal(colourOf(7, 'lagoon'), colourOf(1, 'lagoon'));
  assert.equal(colourOf(Number.NaN), colourOf(0));
  assert.equal(colourOf(-7, 'tide'), colourOf(-1, 'tide'));
  assert.equal(colourOf(Number.NaN, 'tide'), colourOf(0, 'tide'));
  assert.equal(colourOf(0), [0x10, 0x0a, 0x23]);
});

test.run();
