import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseClasses, matchClass, matchClasses, plainLabel } from '../../../src/cli/shared/matchClass.ts';

const test = suite('matchClass');

const labels = [
  'n01440764 tench, Tinca tinca',
  'n02012849 crane',
  'n03126707 crane',
  'n02963159 cardigan',
  'n02113186 Cardigan, Cardigan Welsh corgi',
  'n02108089 boxer',
  'great white shark, white shark',
];
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
    /has no labels; .* --labels FILE/,
  );
});

test('lists: labels with commas are one class, and each class comes once', () => {
  assert.equal(matchClasses('boxer,0', classes), [5, 0]);
  assert.equal(matchClasses('tench, Tinca tinca, boxer', classes), [0, 5]);
  assert.equal(matchClasses('great white shark, white shark', classes), [6]);
  assert.equal(matchClasses('boxer,5,BOXER', classes), [5]);
  assert.equal(matchClasses('tench,white shark', classes), [0, 6]);
  assert.throws(() => matchClasses('boxer,', classes), /Cannot find the class ""/);
});

test('lists of thousands of classes, by index and by name, and labels of thousands of parts', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `label ${i}, part ${i}`);
  const known = { labels: [...many, many.join()], count: 3001 };
  const indices = many.map((_, i) => i);
  assert.equal(matchClasses(indices.join(), known), indices);
  assert.equal(matchClasses(indices.map((i) => `part ${i}`).join(), { labels: many, count: 3000 }), indices);
  assert.equal(matchClasses(many.toReversed().join(', '), known), indices.toReversed());
  assert.equal(matchClasses(many.join(), known), [3000]);
});

test('plain labels', () => {
  assert.is(plainLabel('n02108089 boxer'), 'boxer');
  assert.is(plainLabel('n12 boxer'), 'n12 boxer');
});

test('a synset id is a name', () => {
  assert.is(matchClass('n02108089', classes), 5);
  assert.is(matchClass('N02012849', classes), 1);
});

test('top:3 stands alone, within the classes that there are', () => {
  assert.equal(chooseClasses(['top:3'], classes), { top: 3 });
  assert.equal(chooseClasses(['boxer,1', '5'], classes), [5, 1]);
  assert.throws(() => chooseClasses(['top:2,boxer'], classes), /"top:2,boxer": top:2 stands alone/);
  assert.throws(() => chooseClasses(['boxer', 'top:2'], classes), /top:2 stands alone/);
  assert.throws(() => chooseClasses(['top:8'], classes), /the model has 7 classes/);
  assert.throws(() => chooseClasses(['top:0'], classes), /give top:1 or more/);
});

test.run();
