import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parsePreprocessing } from '../../../src/model/file/parsePreprocessing.ts';

const test = suite('parsePreprocessing');

test('every field', () => {
  const json = {
    channels: 'BGR',
    scale: 1,
    mean: [103.939, 116.779, 123.68],
    std: [1, 1, 1],
    resize: { shorterSide: 256 },
    crop: [224, 200],
    filter: 'nearest',
  };
  assert.equal(parsePreprocessing(json, 'a.json'), json);
});

test('what is absent is plain', () => {
  assert.equal(parsePreprocessing({}, 'a.json'), {
    channels: 'RGB',
    scale: 1 / 255,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    filter: 'bilinear',
  });
  const gray = parsePreprocessing(
    { channels: 'gray', crop: 28, resize: { width: 30, height: 28 } },
    'a.json',
  );
  assert.equal(gray.mean, [0]);
  assert.equal(gray.crop, [28, 28]);
});

test('what cannot be used is named', () => {
  const says = (json: unknown, wanted: RegExp) =>
    assert.throws(
      () => parsePreprocessing(json, 'a.json'),
      (error: Error) => error.name === 'InputError' && wanted.test(error.message),
    );
  const start = '^Cannot use the preprocessing of a\\.json: ';
  for (const json of [null, 3, 'imagenet', []]) says(json, new RegExp(`${start}it must be a JSON object`));
  says({ Mean: [0, 0, 0] }, new RegExp(`${start}its field "Mean" must be one of channels, scale, mean`));
  says({ mean: [0, 0] }, /mean must be a list of 3 numbers/);
  says({ mean: [0, 0, '0'] }, /mean must be a list of 3 numbers/);
  says({ channels: 'gray', std: [1, 1, 1] }, /std must be a list of one number/);
  says({ std: [1, 0, 1] }, /std must be different from 0 in every channel/);
  says({ scale: '1/255' }, /scale must be a number/);
  says({ channels: 'rgb' }, /channels must be RGB, BGR, gray/);
  says({ filter: 'lanczos' }, /filter must be bilinear, bicubic, nearest/);
  says({ crop: [0, 4] }, /crop must be \[height, width\]/);
  for (const resize of [null, 256, { shorterSide: 1.5 }, { width: 3 }, { shorterSide: 3, width: 3 }]) {
    says({ resize }, /resize must be \{"shorterSide": pixels\} or/);
  }
});

test('every number is in a range in which no later step fails', () => {
  const refuses = (json: unknown, wanted: RegExp) =>
    assert.throws(
      () => parsePreprocessing(json, 'a.json'),
      (error: Error) => error.name === 'InputError' && wanted.test(error.message),
    );
  const side = /: it asks for \d+ pixels, and a side of a picture may have 65536$|at most 65536 pixels/;
  for (const length of [65537, 1e9, 1e18, Number.MAX_VALUE]) {
    refuses({ resize: { shorterSide: length } }, /: resize must be at most 65536 pixels/);
    refuses({ resize: { width: 3, height: length } }, /: resize must be/);
    refuses({ resize: { width: length, height: 3 } }, side);
    refuses({ crop: length }, /: crop must be at most 65536 pixels/);
    refuses({ crop: [3, length] }, /: crop must be/);
  }
  for (const length of [0, -1, 1.5, '3', null, [3], Number.NaN]) {
    refuses({ resize: { shorterSide: length } }, /: resize must be \{"shorterSide"/);
    refuses({ crop: [3, length] }, /: crop must be \[height, width\]/);
  }
  refuses({ crop: [3, 3, 3] }, /: crop must be/);
  refuses({ crop: [] }, /: crop must be/);
  const range =
    /: scale, mean and std must be such that \(255 · scale − mean\) \/ std is a number of float32/;
  for (const json of [
    { scale: 1e308 },
    { scale: 1e37 },
    { mean: [0, 1e39, 0] },
    { std: [1, 1e-39, 1] },
    { std: [1, 1, 5e-324] },
    { scale: 1e-300, mean: [1e300, 0, 0], std: [1e-300, 1, 1] },
  ]) {
    refuses(json, range);
  }
  assert.is(parsePreprocessing({ scale: 1e36, std: [1e300, 1, 1] }, 'a.json').scale, 1e36);
});

test.run();
