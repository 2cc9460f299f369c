import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pictureOfInput } from '../../src/image/pictureOfInput.ts';
import { preprocess, presetFor } from '../../src/image/preprocess.ts';
import { tensor } from '../../src/tensor/tensor.ts';

const test = suite('pictureOfInput');

test('it undoes preprocess: the pixels come back, in every order of channels', () => {
  const data = Uint8Array.from({ length: 4 * 6 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  const picture = { width: 3, height: 2, data };
  const size = { channels: 3, height: 2, width: 3 };
  for (const channels of ['RGB', 'BGR'] as const) {
    const preprocessing = { ...presetFor('imagenet', size), channels };
    assert.equal(pictureOfInput(preprocess(picture, preprocessing, size).input, preprocessing), picture);
  }
});

test('gray is gray; what no pixel can be is cut off', () => {
  const unit = presetFor('unit', { channels: 1, height: 1, width: 3 });
  const { data } = pictureOfInput(tensor([[[[0.5, -1, 2]]]]), unit);
  assert.equal(data, Uint8Array.of(128, 128, 128, 255, 0, 0, 0, 255, 255, 255, 255, 255));
});

test.run();
