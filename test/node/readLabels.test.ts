import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLabels, readLabels } from '../../src/node/readLabels.ts';
import { withData } from '../support/check.ts';

const test = suite('readLabels');

test('one a line; numbers that count the lines go', () => {
  assert.equal(parseLabels('a\nb, c\r\nd\n\n', 'x'), ['a', 'b, c', 'd']);
  const blanks = ' '.repeat(1_000_000);
  assert.equal(parseLabels(`a${blanks}b\nc${blanks}\n${blanks}`, 'x'), [`a${blanks}b`, 'c']);
  assert.equal(parseLabels('  0  a\n  1  7 up\n', 'x'), ['a', '7 up']);
  assert.equal(parseLabels('1: a\n2: b', 'x'), ['a', 'b']);
  assert.equal(parseLabels('0\n1\n2', 'x'), ['0', '1', '2']);
  assert.equal(parseLabels('3 a\n1 b', 'x'), ['3 a', '1 b']);
  assert.equal(parseLabels('n01440764 tench\nn01443537 goldfish', 'x'), [
    'n01440764 tench',
    'n01443537 goldfish',
  ]);
});

test('JSON, a list or by index', () => {
  assert.equal(parseLabels('["a", "b"]', 'x'), ['a', 'b']);
  assert.equal(parseLabels('{"1": "b", "0": ["n01440764", "a"]}', 'x'), ['n01440764 a', 'b']);
  for (const bad of ['[1, 2]', '[]', '{}', '{"0": "a", "2": "b"}', '{"0": null}']) {
    assert.throws(() => parseLabels(bad, 'x'), /labels of x: a JSON list of texts/);
  }
  assert.throws(() => parseLabels('["a"', 'x'), /labels of x: it is not JSON/);
  assert.throws(() => parseLabels(' \n', 'x'), /there are none/);
});

withData(test, 'labels/imagenet-synset-words.txt', 'ImageNet by synsets', (path) => {
  const labels = readLabels(path);
  assert.is(labels.length, 1000);
  assert.is(labels[0], 'n01440764 tench, Tinca tinca');
});

withData(test, 'labels/imagenet-1001.txt', 'ImageNet with a background', (path) => {
  const labels = readLabels(path);
  assert.is(labels.length, 1001);
  assert.equal(labels.slice(0, 2), ['background', 'tench, Tinca tinca']);
});

test('JSON that is nested too deep, or holds lists of other things, is refused in one sentence', () => {
  const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
  assert.throws(() => parseLabels(deep, 'labels.json'), /levels/);
  assert.throws(() => parseLabels('[[["a"]], ["b"]]', 'labels.json'), /a JSON list of texts is wanted/);
  assert.equal(parseLabels('{"0": ["n01", "tench"]}', 'labels.json'), ['n01 tench']);
});

test.run();
