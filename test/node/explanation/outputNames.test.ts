import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explanationName, imageName, imageNames } from '../../../src/node/explanation/outputNames.ts';

const test = suite('outputNames');

test('a picture gives its name without the extension', () => {
  assert.is(imageName('/a/b/cat.jpg'), 'cat');
  assert.is(imageName('cat.of.mine.png'), 'cat.of.mine');
  assert.is(imageName('cat'), 'cat');
});

test('two pictures of one name are refused', () => {
  assert.equal(imageNames(['a/x.png', 'y.png']), ['x', 'y']);
  assert.throws(() => imageNames(['a/x.png', 'b/x.jpg']), /both a\/x\.png and b\/x\.jpg/);
});

test('the class that is asked for is in the name, and the one that it is held against', () => {
  assert.is(explanationName('cat', { classIndex: 242 }, false), 'cat');
  assert.is(explanationName('cat', { classIndex: 242 }, true), 'cat.c242');
  assert.is(explanationName('cat', { classIndex: 242, against: 282 }, true), 'cat.c242-282');
});

test.run();
