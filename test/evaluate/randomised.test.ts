import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { randomisedModels } from '../../src/evaluate/randomised.ts';
import { parseModelData } from '../../src/model/file/parseModelData.ts';
import { modelOf } from '../../src/model/modelOf.ts';

const test = suite('networks drawn anew');
const file = new URL('../../weights/scenes-vgg.json', import.meta.url);
const model = modelOf(parseModelData(readFileSync(file, 'utf8')));

test('from the last weights on, more in each step, all at last; biases stay; the same for a seed', () => {
  const models = randomisedModels(model, 3);
  const again = randomisedModels(model, 3);
  const weights = [...model.data.tensors].filter(([, { shape }]) => shape.length >= 2).map(([name]) => name);
  const changed = models.map(({ data }) =>
    [...model.data.tensors]
      .filter(([name, { bytes }]) => Buffer.compare(bytes, data.tensors.get(name)?.bytes ?? bytes) !== 0)
      .map(([name]) => name),
  );
  assert.is(models.length, 5);
  const last = model.data.nodes.at(-1)?.inputs[1] ?? '';
  assert.ok(changed[0].includes(last));
  for (const [i, names] of changed.entries()) {
    if (i > 0)
      assert.ok(names.length > changed[i - 1].length && changed[i - 1].every((name) => names.includes(name)));
  }
  assert.equal([...(changed.at(-1) ?? [])].sort(), weights.sort());
  assert.equal(again[4].data.tensors.get(last)?.bytes, models[4].data.tensors.get(last)?.bytes);
  assert.not.equal(
    randomisedModels(model, 4)[0].data.tensors.get(last)?.bytes,
    models[0].data.tensors.get(last)?.bytes,
  );
});

test.run();
