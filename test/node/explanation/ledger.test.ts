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
import { type Ledger, openLedger } from '../../../src/node/explanation/ledger.ts';
import type { Entry } from '../../../src/node/explanation/manifestText.ts';
import { createFolder, readJson } from '../../cli/command.ts';

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
  ledger.add([entry('a'), entry('a', { classIndex: 1 })]);
  assert.equal(images('plain'), said('a', 'a'));
  ledger.add([entry('b')]);
  assert.equal(
    images('plain'),
    said('a', 'b').flatMap((each, i) => (i === 0 ? [each, each] : [each])),
  );
  assert.equal(
    ledger.finish(['b', 'a'], () => true),
    { beside: [], dropped: [] },
  );
  const text = readFileSync(at('plain', 'manifest.json'), 'utf8');
  const { warnings, ...others } = head;
  const wanted = [entry('b'), entry('a'), entry('a', { classIndex: 1 })];
  assert.is(text, `${JSON.stringify({ ...others, images: wanted, warnings }, null, 2)}\n`);
});

test('files have their names before the manifest says so; where they cannot have them, it does not', () => {
  const ledger = open('placed');
  ledger.add([entry('a')], () => assert.not(existsSync(at('placed', 'manifest.json'))));
  const fail = () => {
    throw new Error('no room');
  };
  for (const name of 'bcdefgh') ledger.add([entry(name, large)]);
  for (const name of 'ijk') assert.throws(() => ledger.add([entry(name)], fail), /no room/);
  ledger.close();
  assert.equal(images('placed'), said(...'abcdefgh'));
});

test('what has a file is withdrawn from the disk before it is replaced, by whatever name it goes', () => {
  const ledger = open('withdrawn');
  ledger.add([entry('a', { files: ['a.c1.gradcam.png'] })]);
  ledger.add([entry('b')]);
  ledger.withdraw(['other.png', 'a.c1.gradcam.png']);
  assert.equal(images('withdrawn'), said('b'));
  ledger.close();
  assert.equal(images('withdrawn'), said('b'));
});

test('a large manifest grows by a journal, which the next run reads with it', () => {
  const ledger = open('large');
  for (const name of 'abcdefg') ledger.add([entry(name, large)]);
  assert.ok(existsSync(journal('large')));
  assert.ok(images('large').length < 7);
  const next = open('large');
  for (const name of 'abcdefg') assert.equal(next.find(name), [[entry(name, large)]]);
  next.add([entry('i')]);
  assert.equal(images('large'), said(...'abcdefgi'));
  assert.not(existsSync(journal('large')));
});

test('a record that was cut when its process was killed is none; those before it are', () => {
  const ledger = open('cut');
  for (const name of 'abcdefg') ledger.add([entry(name, large)]);
  const size = readFileSync(journal('cut')).length;
  truncateSync(journal('cut'), size - 2);
  const next = open('cut');
  assert.equal(
    'abcdefg'.split('').filter((name) => next.find(name).length === 0),
    ['g'],
  );
  appendFileSync(journal('cut'), '{"image": "pictures/i.png"');
  assert.equal(open('cut').find('i'), []);
});

test('a run that fails ends with all that was added', () => {
  const ledger = open('failed');
  for (const name of 'abcdefg') ledger.add([entry(name, large)]);
  ledger.close();
  assert.equal(images('failed'), said(...'abcdefg'));
  assert.not(existsSync(journal('failed')));
});

test('of a large manifest, a share of what other arguments gave is left out at once, and comes back where its files stay', () => {
  const names = 'abcdefghijklmnopqrstuvwxyz';
  const ledger = open('block');
  for (const name of names) ledger.add([entry(name, { ...large, run: name < 'f' ? 'now' : 'before' })]);
  ledger.withdraw(['z.gradcam.png']);
  assert.equal(images('block'), said(...'abcdeghijklmnopqrstuvwxy'));
  ledger.withdraw(['f.gradcam.png']);
  ledger.withdraw(['g.gradcam.png']);
  assert.equal(images('block'), said(...'abcdeijklmnopqrstuvwxy'));
  ledger.close();
  assert.equal(images('block'), said(...'abcdehijklmnopqrstuvwxy'));
});

test('runs beside each other keep what they say; of files that are replaced, only those are forgotten', () => {
  const files = (...names: string[]) => ({
    files: names,
    sha256: { image: 'i', files: Object.fromEntries(names.map((name) => [name, '0'])) },
  });
  const before = open('beside');
  const two = [
    entry('a', { run: 'before', classIndex: 1, ...files('a.c1.png', 'a.c1.panel.png') }),
    entry('a', { run: 'before', classIndex: 2, ...files('a.c2.png') }),
  ];
  before.add(two);
  before.close();
  const ledger = open('beside');
  const own = entry('a', { ...files('a.c3.png') });
  ledger.withdraw(['a.c3.png']);
  ledger.add([own]);
  assert.equal(ledger.find('a'), [two, [own]]);
  ledger.withdraw(['a.c1.panel.png', 'a.c2.png']);
  const left = { ...two[0], ...files('a.c1.png'), replaced: ['a.c1.panel.png', 'a.c2.png'] };
  assert.equal(ledger.find('a'), [[own], [left]]);
  assert.equal(
    ledger.finish(['a'], () => true),
    { beside: ['a'], dropped: [] },
  );
  assert.equal(readJson<{ images: Entry[] }>(at('beside', 'manifest.json')).images, [own, left]);
  const last = open('beside');
  last.withdraw(['a.c1.png']);
  assert.equal(last.find('a'), [[own]]);
});

test('the end has the pictures of the run, then those kept, and names those that do not hold', () => {
  const before = open('end');
  before.add([entry('old', { run: 'before' })]);
  before.add([entry('other', { run: 'before' })]);
  before.add([entry('same')]);
  before.close();
  const ledger = open('end');
  ledger.add([entry('b')]);
  ledger.add([entry('a')]);
  assert.equal(images('end'), said('old', 'other', 'same', 'b', 'a'));
  assert.equal(
    ledger.finish(['a', 'b'], ([each]) => each.image !== 'pictures/old.png'),
    { beside: ['other'], dropped: ['old'] },
  );
  assert.equal(images('end'), said('a', 'b', 'other', 'same'));
});

test('a manifest of something else is nothing to it', () => {
  mkdirSync(at('other'));
  for (const text of ['', '{"images": 3}', '[1]', 'null', '{"images": [{}, null, {"image": 3}]}']) {
    writeFileSync(at('other', 'manifest.json'), text);
    const ledger = open('other');
    ledger.add([entry('a')]);
    assert.equal(images('other'), said('a'));
    rmSync(at('other', 'manifest.json'));
  }
});

test.run();
