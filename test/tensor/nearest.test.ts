import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, nearest } from '../../src/tensor/nearest.ts';

const test = suite('nearest');
const words = ['exp', 'prob', 'logprob', 'logit', 'smoothgradcam++'];

test('up to two edits, one in a short word', () => {
  assert.is(nearest('logti', words), 'logit');
  assert.is(nearest('prbo', words), 'prob');
  assert.is(nearest('ex', words), 'exp');
  assert.is(nearest('smoothgradcam', words), 'smoothgradcam++');
  assert.is(nearest('LOGPROB', words), 'logprob');
  assert.is(nearest('banana', words), undefined);
  assert.is(nearest('xyz', words), undefined);
});

test('a beginning of the word', () => {
  assert.is(nearest('smooth', words), 'smoothgradcam++');
});

test('as a sentence', () => {
  assert.is(didYouMean('logti', words), '; did you mean "logit"?');
  assert.is(didYouMean('banana', words), '');
});

test.run();
