import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { colormapNames, colourOf } from '../../src/image/colormap.ts';
import { close } from '../support/check.ts';
import { anchors, makeColormap, okLab } from './makeColormap.ts';

const test = suite('colormap');

for (const name of colormapNames) {
  test(`${name}: the table is what its anchors make`, () => {
    makeColormap(anchors[name], 33).forEach((wanted, i) => {
      const hex = colourOf(i / 32, name).map((value) => value.toString(16).padStart(2, '0'));
      assert.is(hex.join(''), wanted);
    });
  });

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

test('values beyond 0 … 1 are clamped', () => {
  assert.equal(colourOf(-3), colourOf(0));
  assert.equal(colourOf(7, 'lagoon'), colourOf(1, 'lagoon'));
  assert.equal(colourOf(Number.NaN), colourOf(0));
  assert.equal(colourOf(0), [0x10, 0x0a, 0x23]);
});

test.run();
