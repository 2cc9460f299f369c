import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AskedPlace } from '../../../src/cam/askedPlace.ts';
import { explain } from '../../../src/cam/explain.ts';
import { outlinePlace } from '../../../src/image/outlinePlace.ts';
import { preprocess } from '../../../src/image/preprocess.ts';
import { createModel } from '../../../src/model/model.ts';
import { type FigureOptions, figureOf } from '../../../src/node/explanation/figure.ts';
import { explanationFiles } from '../../../src/node/explanation/outputNames.ts';
import { openScene } from '../../../src/node/explanation/scene.ts';
import { createWriter } from '../../../src/node/explanation/writeExplanation.ts';
import { decodePng } from '../../../src/node/pictures/decodePng.ts';
import { tensor } from '../../../src/tensor/tensor.ts';
import { network, plain } from '../../cli/command.ts';
import { plain as colour } from '../../image/pixels.ts';
import { same } from '../../support/check.ts';

const test = suite('writeExplanation');
const picture = colour(8, 8, [90, 60, 30, 255]);
const prepared = preprocess(picture, plain, { channels: 3, height: 8, width: 8 });
const explanation = await explain(createModel(network), prepared.input, {
  samples: 2,
  methods: ['gradcam', 'gradcam++'],
});

/** Names of what is written with these options, one method's map being left out of the explanation. */
async function writtenWithout(method: 'gradcam', options: FigureOptions): Promise<string[]> {
  const figure = figureOf({ format: ['png', 'npy'], ...options });
  const scene = openScene(
    { picture, ...prepared },
    { ...{ name: 'one.png', preprocessing: plain, fields: [], region: undefined, selection: '' }, figure },
  );
  const { [method]: _, ...maps } = explanation.maps;
  const partial = { ...explanation, maps };
  const names: string[] = [];
  const writer = createWriter([partial], { scene });
  const shown = await writer.writeClass(partial, 'one', (name) => names.push(name));
  await writer.writePicture('one', (name) => names.push(name));
  assert.equal(Object.keys(shown), figure.format.includes('png') ? ['gradcam++'] : []);
  return names;
}

test('a file that is foreseen and not made is not among those written', async () => {
  const names = await writtenWithout('gradcam', {});
  assert.not(names.some((name) => name.includes('.gradcam.')));
  assert.ok(names.includes('one.gradcam++.png') && names.includes('one.panel.png'));
  const foreseen = explanationFiles('one', {
    methods: ['gradcam', 'gradcam++'],
    figure: figureOf({ format: ['png', 'npy'] }),
  });
  assert.ok(foreseen.includes('one.gradcam.png') && names.every((name) => foreseen.includes(name)));
});

test('without pictures none is drawn', async () => {
  const names = await writtenWithout('gradcam', { format: ['npy'] });
  assert.equal(
    names,
    ['map', 'weights', 'a', 'd1', 'd2', 'd3'].map((array) => `one.gradcam++.${array}.npy`),
  );
});

test('pictures alone ask for no derivatives beyond those that their maps read', async () => {
  const figure = figureOf({ format: ['png'] });
  const scene = openScene(
    { picture, ...prepared },
    { ...{ name: 'one.png', preprocessing: plain, fields: [], region: undefined, selection: '' }, figure },
  );
  const { gradcam } = explanation.evidence;
  const evidence = {
    gradcam: Object.defineProperty({ ...gradcam }, 'd2', { get: () => assert.unreachable() }),
  };
  const own = { ...explanation, evidence } as typeof explanation;
  const names: string[] = [];
  await createWriter([own], { scene }).writeClass(own, 'one', (name) => names.push(name));
  assert.ok(names.includes('one.gradcam.png'));
});

/** The files of a picture whose right half is asked about, or none of it. */
async function filesAsked(place: AskedPlace | undefined): Promise<Map<string, string | Uint8Array>> {
  const figure = figureOf({
    format: ['png', 'svg', 'npy'],
    draw: ['overlay', 'panel', 'grid', 'raw', 'crop'],
  });
  const scene = openScene(
    { picture, ...prepared },
    { ...{ name: 'one.png', preprocessing: plain, fields: [], region: undefined, selection: '' }, figure },
  );
  const own = { ...explanation, ...(place && { place }) };
  const files = new Map<string, string | Uint8Array>();
  const write = (name: string, content: string | Uint8Array) => void files.set(name, content);
  const writer = createWriter([own], { scene });
  await writer.writeClass(own, 'one', write);
  await writer.writePicture('one', write);
  return files;
}

const places = {
  'green line round the 2 pixels that are summed': {
    kind: 'pixels',
    mask: tensor([
      [0, 1],
      [0, 1],
    ]),
  },
  'green box: what is explained, chosen by the point at the cross': {
    kind: 'box',
    ...{ box: { y0: 1, x0: 1, y1: 7, x1: 7 }, point: [4, 4], sides: [8, 8] },
  },
} as const satisfies Record<string, AskedPlace>;

for (const [legend, place] of Object.entries(places)) {
  test(`overlays, panels and grids show what is asked about, maps as data do not: ${legend}`, async () => {
    const [without, shown] = [await filesAsked(undefined), await filesAsked(place)];
    assert.equal([...shown.keys()], [...without.keys()]);
    const differing = [...shown.keys()].filter((name) => `${shown.get(name)}` !== `${without.get(name)}`);
    const drawn = ['gradcam.png', 'gradcam++.png', 'panel.png', 'panel.svg', 'grid.png', 'grid.svg'];
    assert.equal(
      differing,
      drawn.map((name) => `one.${name}`),
    );
    for (const name of ['one.panel.svg', 'one.grid.svg']) {
      const svg = String(shown.get(name));
      assert.match(svg, new RegExp(`<title>[^<]*${legend}[^<]*</title>`));
    }
    const overlay = decodePng(shown.get('one.gradcam.png') as Uint8Array, 64);
    const plainly = decodePng(without.get('one.gradcam.png') as Uint8Array, 64);
    const wanted = outlinePlace(plainly, place);
    same(overlay.data, wanted.data);
  });
}

test.run();
