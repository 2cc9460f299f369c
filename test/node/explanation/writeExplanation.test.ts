import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../../src/cam/explain.ts';
import { preprocess } from '../../../src/image/preprocess.ts';
import { createModel } from '../../../src/model/model.ts';
import { type FigureOptions, figureOf } from '../../../src/node/explanation/figure.ts';
import { explanationFiles } from '../../../src/node/explanation/outputNames.ts';
import { openScene } from '../../../src/node/explanation/scene.ts';
import { createWriter } from '../../../src/node/explanation/writeExplanation.ts';
import { network, plain } from '../../cli/command.ts';
import { plain as colour } from '../../image/pixels.ts';

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

test.run();
