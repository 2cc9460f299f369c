import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseClasses, matchClasses, matchWanted } from '../../../src/cli/shared/chooseClasses.ts';
import { classLabels } from '../../support/classLabels.ts';

const test = suite('chooseClasses');

const labels = classLabels;
const classes = { labels, count: labels.length };

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

test('top:3 stands alone, within the classes that there are', () => {
  assert.equal(chooseClasses(['top:3'], classes), { top: 3 });
  assert.equal(chooseClasses(['boxer,1', '5'], classes), [5, 1]);
  assert.throws(() => chooseClasses(['top:2,boxer'], classes), /"top:2,boxer": top:2 stands alone/);
  assert.throws(() => chooseClasses(['boxer', 'top:2'], classes), /top:2 stands alone/);
  assert.throws(() => chooseClasses(['top:8'], classes), /the model has 7 classes/);
  assert.throws(() => chooseClasses(['top:0'], classes), /give top:1 or more/);
});

const hyphens = {
  labels: [
    'n02108089 boxer',
    'n02443484 black-footed ferret, ferret',
    'black',
    'footed ferret',
    'n02123159 tiger cat, striped cat',
    'a-b',
    'a',
    'b',
    'a-b-c',
    'b-c',
    'c',
    'crane',
    'crane, machine',
    'boxer-9',
  ],
  count: 14,
};

test('two classes with a hyphen between are one against the other, by any of their names', () => {
  const pair = [{ of: 0, against: 4 }];
  for (const text of [
    '0-4',
    'boxer-4',
    'Boxer - striped cat',
    'n02108089-n02123159',
    'boxer-tiger cat, striped cat',
  ])
    assert.equal(matchClasses(text, hyphens), pair, text);
  assert.equal(matchClasses('tiger cat, striped cat-boxer,1', hyphens), [{ of: 4, against: 0 }, 1]);
  assert.equal(matchClasses('0-4,boxer,0,boxer-tiger cat', hyphens), [{ of: 0, against: 4 }, 0]);
  assert.equal(matchClasses('3-1', { labels: undefined, count: undefined }), [{ of: 3, against: 1 }]);
  assert.equal(chooseClasses(['0-4', '0-4', '4-0'], hyphens), [
    { of: 0, against: 4 },
    { of: 4, against: 0 },
  ]);
});

test('a label that holds a hyphen comes first, on either side too', () => {
  assert.equal(matchClasses('black-footed ferret', hyphens), [1]);
  assert.equal(matchClasses('a-b', hyphens), [5]);
  assert.equal(matchClasses('boxer-9', hyphens), [13]);
  assert.equal(matchClasses('boxer-black-footed ferret', hyphens), [{ of: 0, against: 1 }]);
  assert.equal(matchClasses('black-footed ferret, ferret-boxer', hyphens), [{ of: 1, against: 0 }]);
  assert.equal(matchClasses('a-b-boxer', hyphens), [{ of: 5, against: 0 }]);
});

test('hyphens that can be read in several ways, and names of several classes, are listed', () => {
  assert.throws(
    () => matchClasses('a-b-c-a', { ...hyphens, labels: [...hyphens.labels, 'b-c-a'], count: 15 }),
    /"a-b-c-a", give indices: 2 pairs match: 6 a against 14 b-c-a; 8 a-b-c against 6 a$/,
  );
  assert.throws(
    () => matchClasses('boxer-crane', { ...hyphens, labels: ['boxer', 'crane, x', 'crane, y'], count: 3 }),
    /2 pairs match: 0 boxer against 1 crane, x; 0 boxer against 2 crane, y/,
  );
  assert.throws(() => matchClasses('boxer-0', hyphens), /against itself/);
});

test('of a side that is no class, what is near is said', () => {
  assert.throws(() => matchClasses('boxr-tiger cat', hyphens), /the class "boxr": .*did you mean "boxer"/);
  assert.throws(() => matchClasses('boxer-99', hyphens), /Cannot find class 99: the model has 14 classes/);
  assert.throws(() => matchClasses('boxer-', hyphens), /Cannot find the class "boxer-"/);
  assert.throws(() => matchClasses('zebra-okapi', hyphens), /Cannot find the class "zebra-okapi"/);
});

test('a text of a great many hyphens is no two labels, and is refused at once', () => {
  const many = '5-'.repeat(50_000);
  assert.throws(() => matchWanted(many, classes), /Cannot find the class/);
});

test.run();
