import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LayerNeurons } from '../../../src/cam/neurons.ts';
import { atlasSvg } from '../../../src/image/atlas/atlas.ts';
import { decodePicture } from '../../../src/node/pictures/decodePicture.ts';
import { encodePng } from '../../../src/node/pictures/encodePng.ts';
import { renderSvg } from '../../../src/node/pictures/renderSvg.ts';
import { tensor, zeros } from '../../../src/tensor/tensor.ts';

const test = suite('atlasSvg');

const side = { width: 40, height: 40 };
const one = { ...side, png: encodePng({ ...side, data: new Uint8Array(6400).fill(255) }) };
const neuron = { k: 3, y: 0, x: 1, activation: 2, d1: 1e-4, d2: 0, d3: 0, alpha: 0.5, share: 0.25 };
const found: LayerNeurons = {
  ...{ layer: 'relu', method: 'gradcam++', score: 'exp', logScale: 0, shape: [5, 2, 2] },
  weights: Float64Array.of(0.5, 0, -1, 2, 0),
  maps: [
    {
      ...{
        k: 3,
        rank: 1,
        weight: 2,
        share: 0.75,
        activation: tensor([
          [0, 1.75],
          [1, 0],
        ]),
      },
      neurons: [{ ...neuron, field: { y0: 0, x0: 10, y1: 10, x1: 20 } }],
    },
    { k: 2, rank: 2, weight: -1, share: -0.1, activation: zeros([2, 2]), neurons: [] },
  ],
};
const atlas = {
  ...{ title: 'cat <& "dog"', subtitle: 'neurons', neurons: found, ground: one, veils: [one, one] },
  photograph: { ...one, name: 'cat.png', seen: { x: 0, y: 0, ...side }, sides: side },
  whole: { ...one, title: 'Grad-CAM++', detail: 'score exp' },
  input: { width: 20, height: 20 },
};

test('says what it shows, the photograph once for all maps', () => {
  const svg = atlasSvg(atlas);
  for (const text of [
    'map 3',
    'share 75.0 %',
    'rank 1 of 5 by |w|',
    'w 2.00, A ≤ 1.75',
    '25.0 %',
    'silent here: every A of it is 0',
  ])
    assert.ok(svg.includes(`>${text}<`), text);
  // The fonts have no raised minus.
  assert.ok(svg.includes('D1·10<tspan dy="-3.8" font-size="7.1">−4</tspan></text>'));
  assert.ok(svg.includes('cat &lt;&amp; &quot;dog&quot;'));
  assert.is(svg.split('href="#ground"').length - 1, 3);
  assert.is(svg.split('id="ground"').length - 1, 1);
});

test('receptive fields lie where they are on the picture, 300 pixels for 20 of the input', () => {
  // The first tile begins at 44 + 330 + 48 = 422, its picture at 128 + 46 = 174; the field at 10 of 20 pixels: 150 further.
  assert.match(
    atlasSvg(atlas),
    /<rect x="573.5" y="175.5" width="147" height="147" fill="none" stroke="#14141a"/,
  );
});

test('how it is read stands at the foot, in columns under those of the plate', () => {
  const svg = atlasSvg(atlas);
  const places = [
    ...svg.matchAll(/<text x="(\d+)" y="(\d+)"[^>]*>(w|share|colours|bars|discs|boxes|y, x|A|D1–D3|α)</g),
  ].filter(([, , y]) => Number(y) > 1000);
  assert.equal(
    places.map(([, , , term]) => term),
    ['w', 'share', 'colours', 'bars', 'discs', 'boxes', 'y, x', 'A', 'D1–D3', 'α'],
  );
  assert.equal([...new Set(places.map(([, x]) => Number(x)))], [44, 422, 752]);
});

test('is drawn as large as it says', async () => {
  const svg = atlasSvg(atlas);
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const picture = decodePicture(await renderSvg(svg), 'atlas.png');
  assert.equal([picture.width, picture.height], [Number(width), Number(height)]);
});

test.run();
