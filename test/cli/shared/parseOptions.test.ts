import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseFormats } from '../../../src/cli/explain/parseFormats.ts';
import {
  byteCount,
  collect,
  decimalNumber,
  oneOf,
  parseMethods,
  wholeNumber,
} from '../../../src/cli/shared/parseOptions.ts';

const test = suite('parseOptions');

test('whole numbers', () => {
  const samples = wholeNumber('samples', { least: 1 });
  assert.is(samples('25'), 25);
  for (const bad of ['0', '-1', '2.5', '', 'x', '1e3', '99999999999999999999']) {
    assert.throws(() => samples(bad), /Cannot use --samples .*: it must be a whole number of at least 1/);
  }
  assert.throws(() => wholeNumber('order', { least: 1, most: 3 })('4'), /from 1 to 3/);
});

test('decimal numbers', () => {
  const sigma = decimalNumber('sigma', { least: 0 });
  assert.is(sigma('0.15'), 0.15);
  assert.is(sigma('1e-3'), 0.001);
  for (const bad of ['-0.1', '', ' ', 'x', 'NaN', 'Infinity', '0,1']) {
    assert.throws(() => sigma(bad), /Cannot use --sigma .*: it must be a number of at least 0/);
  }
});

test('one word of some', () => {
  const score = oneOf('score', ['exp', 'prob', 'logit']);
  assert.is(score('prob'), 'prob');
  assert.throws(
    () => score('logti'),
    /--score "logti": it must be exp, prob or logit; did you mean "logit"\?/,
  );
  assert.throws(() => score('Exp'), /did you mean "exp"\?/);
});

test('lists keep the order of the words and drop doubles', () => {
  assert.equal(parseMethods('all'), ['gradcam', 'gradcam++', 'smoothgradcam++', 'smoothgrad']);
  assert.equal(parseMethods('smoothgrad, gradcam,gradcam'), ['gradcam', 'smoothgrad']);
  assert.throws(() => parseMethods('gradcan+'), /did you mean "gradcam\+"/);
  assert.throws(() => parseMethods(''), /--method ""/);
  assert.equal(parseFormats('json,png'), ['png', 'json']);
  assert.throws(() => parseFormats('jpg'), /--format "jpg": it must be svg, png, npy or json/);
});

test('collecting', () => {
  assert.equal(collect('b', collect('a')), ['a', 'b']);
});

test('bytes: plain, or with K, M or G', () => {
  const read = byteCount('max-memory');
  assert.equal(['1000', '2k', '512M', '1.5G'].map(read), [1000, 2048, 2 ** 29, 1.5 * 2 ** 30]);
  for (const text of ['', '0', '-1', '1e9', 'M', '1T', '0.1', '1 G', '99999999999G']) {
    assert.throws(() => read(text), /--max-memory .*: it must be a number of bytes, perhaps with K, M or G/);
  }
});

test.run();
