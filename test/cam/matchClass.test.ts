import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matchClass, plainLabel } from '../../src/cam/matchClass.ts';
import { classLabels } from '../support/classLabels.ts';

const test = suite('matchClass');

const labels = classLabels;
const classes = { labels, count: labels.length };

test('digits are an index, checked against the count', () => {
  assert.is(matchClass('5', classes), 5);
  assert.is(matchClass(' 0 ', classes), 0);
  assert.is(matchClass('3', { labels: undefined, count: undefined }), 3);
  assert.throws(() => matchClass('7', classes), /Cannot find class 7: the model has 7 classes, 0 … 6/);
});

test('an exact label comes before names', () => {
  assert.is(matchClass('n03126707 crane', classes), 2);
  assert.is(matchClass('great white shark, white shark', classes), 6);
});

test('one of the comma-separated names, in any case, without the synset id', () => {
  assert.is(matchClass('Boxer', classes), 5);
  assert.is(matchClass('TINCA TINCA', classes), 0);
  assert.is(matchClass('cardigan welsh corgi', classes), 4);
  assert.is(matchClass('white shark', classes), 6);
  assert.is(matchClass('tench, tinca tinca', classes), 0);
});

test('several matches are listed', () => {
  assert.throws(() => matchClass('crane', classes), /"crane", give an index: 2 match: 1 crane; 2 crane/);
  assert.throws(
    () => matchClass('cardigan', classes),
    /2 match: 3 cardigan; 4 Cardigan, Cardigan Welsh corgi/,
  );
});

test('no match names what is near, and no labels is said', () => {
  assert.throws(() => matchClass('boxr', classes), /no label has that name; did you mean "boxer"\?/);
  assert.throws(() => matchClass('zebra', classes), /give an index or a label/);
  assert.throws(() => matchClass('-1', classes), /Cannot find the class "-1"/);
  assert.throws(() => matchClass('', classes), /Cannot find the class ""/);
  assert.throws(
    () => matchClass('boxer', { labels: undefined, count: 3 }),
    /the model has no labels; give an index, or open it with labels$/,
  );
  assert.throws(
    () => matchClass('boxer', { labels: undefined, count: 3, labelsBy: 'labels by --labels FILE' }),
    /has no labels; give an index, or labels by --labels FILE$/,
  );
});

test('plain labels', () => {
  assert.is(plainLabel('n02108089 boxer'), 'boxer');
  assert.is(plainLabel('n12 boxer'), 'n12 boxer');
});

test('a synset id is a name', () => {
  assert.is(matchClass('n02108089', classes), 5);
  assert.is(matchClass('N02012849', classes), 1);
});

test.run();
