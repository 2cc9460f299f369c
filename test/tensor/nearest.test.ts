import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, didYouMeanSome, nearest } from '../../src/tensor/nearest.ts';

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

/** Insertions, deletions, replacements and swaps of neighbours from a to b, from all of them. */
function edits(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [p, q] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return edits(p, q);
  const swapped = a.length > 1 && a[0] === b[1] && a[1] === b[0];
  const swap = swapped ? edits(a.slice(2), b.slice(2)) : Number.POSITIVE_INFINITY;
  return 1 + Math.min(edits(p, q), edits(a, q), edits(p, b), swap);
}

test('exactly the words that so many edits give are near', () => {
  const word = 'abcab';
  let near = 0;
  for (let n = 0; n < 3 ** 6; n++) {
    const digits = n.toString(3);
    const other = digits
      .padStart(Math.max(3, digits.length) + (n % 4), '0')
      .replace(/\d/g, (digit) => 'abc'[+digit]);
    // A beginning of the word is near too, however short.
    if (word.startsWith(other)) continue;
    const wanted = edits(other, word) <= (other.length < 4 ? 1 : 2);
    assert.is(nearest(other, [word]) !== undefined, wanted, `${other}, ${word}`);
    if (wanted) near++;
  }
  assert.ok(near > 30, `${near} are near`);
});

test('very long names, one letter apart', () => {
  const long = 'ab'.repeat(500_000);
  assert.is(nearest(`${long}c`, [long.slice(1), 'x', long]), long);
  assert.is(nearest(`c${long}`, [`${long}dddd`]), undefined);
});

test('several may be meant: those that begin with the word, else those that hold it', () => {
  const names = ['relu_2_1', 'relu_2_2', 'pool_2', 'relu_2_1', 'conv_1'];
  assert.is(didYouMeanSome('relu_2', names), '; did you mean "relu_2_1" or "relu_2_2"?');
  assert.is(didYouMeanSome('ool_', names), '; did you mean "pool_2"?');
  assert.is(
    didYouMeanSome('Relu_', [...names, 'relu_3', 'relu_4']),
    '; did you mean "relu_2_1", "relu_2_2", "relu_3", or one of 1 more?',
  );
  assert.is(didYouMeanSome('pol_2', names), '; did you mean "pool_2"?');
  assert.is(didYouMeanSome('zzz', names), '');
});

test.run();
