import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../../src/cam/explain.ts';
import { explanationFiles } from '../../../src/cli/explain/outputNames.ts';
import type { ExplainFlags } from '../../../src/cli/explain/plan.ts';
import { openScene } from '../../../src/cli/explain/scene.ts';
import { createWriter } from '../../../src/cli/explain/writeExplanation.ts';
import { preprocess } from '../../../src/image/preprocess.ts';
import { createModel } from '../../../src/model/model.ts';
import { plain as colour } from '../../image/pixels.ts';
import { network, plain } from '../command.ts';

const test = suite('writeExplanation');
const picture = colour(8, 8, [90, 60, 30, 255]);
const prepared = preprocess(picture, plain, { channels: 3, height: 8, width: 8 });
const image = { path: 'x/one.png', name: 'one', read: () => new Uint8Array(), picture, ...prepared };
const explanation = await explain(createModel(network), prepared.input, { samples: 2 });

/** Names of what is written with these flags, one method's map being left out of the explanation. */
async function writtenWithout(method: 'gradcam', flags: Partial<ExplainFlags>): Promise<string[]> {
  const all = {
    method: ['gradcam', 'gradcam++'],
    format: ['png', 'npy'],
    ...flags,
  } as unknown as ExplainFlags;
  const scene = openScene(image, {
    ...{ preprocessing: plain, fields: [], region: undefined, selection: '', flags: all },
  });
  const { [method]: _, ...maps } = explanation.maps;
  const partial = { ...explanation, maps };
  const names: string[] = [];
  const writer = createWriter([partial], { scene, flags: all });
  const shown = await writer.writeClass(partial, 'one', (name) => names.push(name));
  await writer.writePicture('one', (name) => names.push(name));
  assert.equal(Object.keys(shown), all.format.includes('png') ? ['gradcam++'] : []);
  return names;
}

test('a file that is foreseen and not made is not among those written', async () => {
  const names = await writtenWithout('gradcam', {});
  assert.not(names.some((name) => name.includes('.gradcam.')));
  assert.ok(names.includes('one.gradcam++.png') && names.includes('one.panel.png'));
  const foreseen = explanationFiles('one', {
    ...{ methods: ['gradcam', 'gradcam++'], formats: ['png', 'npy'], drawings: ['overlay', 'panel'] },
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

test.run();
