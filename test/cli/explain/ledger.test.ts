import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ledger, openLedger } from '../../../src/cli/explain/ledger.ts';
import type { Entry } from '../../../src/cli/explain/manifestText.ts';
import { createFolder, readJson } from '../command.ts';

const test = suite('ledger');
const { at } = createFolder();

const head = { jetgrad: '0', run: 'now', model: { file: 'm', name: 'm' }, warnings: [] };
let stages = 0;

function open(folder: string): Ledger {
  const temporary = at(`stage${stages++}`);
  for (const each of [at(folder), temporary]) mkdirSync(each, { recursive: true });
  return openLedger(at(folder), { stage: { temporary }, head });
}

const entry = (name: string, more: Entry = {}): Entry => ({
  image: `pictures/${name}.png`,
  run: 'now',
  files: [`${name}.gradcam.png`],
  ...more,
});
const images = (folder: string) =>
  readJson<{ images: { image: string }[] }>(at(folder, 'manifest.json')).images.map(({ image }) => image);
const said = (...names: string[]) => names.map((name) => `pictures/${name}.png`);
const journal = (folder: string) => at(folder, 'manifest.journal');

/** So much that few entries make a manifest large. */
const large = { note: 'x'.repeat(300_000) };

test('a manifest has each picture as soon as it is added, as JSON would be written', () => {
  const ledger = open('plain');
  ledger.add('a', [entry('a'), entry('a', { classIndex: 1 })]);
  assert.equal(images('plain'), said('a', 'a'));
  ledger.add('b', [entry('b')]);
  assert.equal(
    images('plain'),
    said('a', 'b').flatMap((each, i) => (i === 0 ? [each, each] : [each])),
  );
  assert.equal(
    ledger.finish(['b', 'a'], () => true),
    [],
  );
  const text = readFileSync(at('plain', 'manifest.json'), 'utf8');
  const { warnings, ...others } = head;
  const wanted = [entry('b'), entry('a'), entry('a', { classIndex: 1 })];
  assert.is(text, `${JSON.stringify({ ...others, images: wanted, warnings }, null, 2)}\n`);
});

test('files have their names before the manifest says so; where they cannot have them, it does not', () => {
  const ledger = open('placed');
  ledger.add('a', [entry('a')], () => assert.not(existsSync(at('placed', 'manifest.json'))));
  const fail = () => {
    throw new Error('no room');
  };
  for (const name of 'bcdefgh') ledger.add(name, [entry(name, large)]);
  for (const name of 'ijk') assert.throws(() => ledger.add(name, [entry(name)], fail), /no room/);
  ledger.close();
  assert.equal(images('placed'), said(...'abcdefgh'));
});

test('what has a file is withdrawn from the disk before it is replaced, by whatever name it goes', () => {
  const ledger = open('withdrawn');
  ledger.add('a', [entry('a', { files: ['a.c1.gradcam.png'] })]);
  ledger.add('b', [entry('b')]);
  ledger.withdraw(['other.png', 'a.c1.gradcam.png']);
  assert.equal(images('withdrawn'), said('b'));
  ledger.close();
  assert.equal(images('withdrawn'), said('b'));
});

test('a large manifest grows by a journal, which the next run reads with it', () => {
  const ledger = open('large');
  for (const name of 'abcdefg') ledger.add(name, [entry(name, large)]);
  assert.ok(existsSync(journal('large')));
  assert.ok(images('large').length < 7);
  const next = open('large');
  for (const name of 'abcdefg') assert.equal(next.find(name), [entry(name, large)]);
  next.add('i', [entry('i')]);
  assert.equal(images('large'), said(...'abcdefgi'));
  assert.not(existsSync(journal('large')));
});

test('a record that was cut when its process was killed is none; those before it are', () => {
  const ledger = open('cut');
  for (const name of 'abcdefg') ledger.add(name, [entry(name, large)]);
  const size = readFileSync(journal('cut')).length;
  truncateSync(journal('cut'), size - 2);
  const next = open('cut');
  assert.equal(
    'abcdefg'.split('').filter((name) => next.find(name) === undefined),
    ['g'],
  );
  appendFileSync(journal('cut'), '{"image": "pictures/i.png"');
  assert.is(open('cut').find('i'), undefined);
});

test('a run that fails ends with all that was added', () => {
  const ledger = open('failed');
  for (const name of 'abcdefg') ledger.add(name, [entry(name, large)]);
  ledger.close();
  assert.equal(images('failed'), said(...'abcdefg'));
  assert.not(existsSync(journal('failed')));
});

test('of a large manifest, other arguments lose a share at once, and these none', () => {
  const ledger = open('block');
  for (const name of 'abcdefghijklmnopqrstuvwxyz') {
    ledger.add(name, [entry(name, { ...large, run: name < 'f' ? 'now' : 'before' })]);
  }
  ledger.withdraw(['z.gradcam.png']);
  assert.equal(images('block'), said(...'abcdeghijklmnopqrstuvwxy'));
});

test('the end has the pictures of the run, then those kept, and names those left', () => {
  const before = open('end');
  before.add('old', [entry('old', { run: 'before' })]);
  before.add('same', [entry('same')]);
  before.close();
  const ledger = open('end');
  ledger.add('b', [entry('b')]);
  ledger.add('a', [entry('a')]);
  assert.equal(images('end'), said('old', 'same', 'b', 'a'));
  assert.equal(
    ledger.finish(['a', 'b'], ([each]) => each.run === 'now'),
    ['old'],
  );
  assert.equal(images('end'), said('a', 'b', 'same'));
});

test('a manifest of something else is nothing to it', () => {
  mkdirSync(at('other'));
  for (const text of ['', '{"images": 3}', '[1]', 'null', '{"images": [{}, null, {"image": 3}]}']) {
    writeFileSync(at('other', 'manifest.json'), text);
    const ledger = open('other');
    ledger.add('a', [entry('a')]);
    assert.equal(images('other'), said('a'));
    rmSync(at('other', 'manifest.json'));
  }
});

test.run();
