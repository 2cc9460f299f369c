import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { command, createFolder, readJson } from './command.ts';

const test = suite('explain resumes');
const { at, file, modelFile, pictureFile } = createFolder();
const model = modelFile('small.json');
const [one, two, three] = ['one', 'two', 'three'].map((name) => pictureFile(`${name}.png`));

interface Entry {
  readonly image: string;
  readonly seconds: number;
  readonly files: readonly string[];
  readonly choices: { readonly seed: number };
}

const flags = ['--model', model, '--method', 'gradcam', '--format', 'npy'];
const explain = (pictures: readonly string[], out: string, ...more: string[]) =>
  command(['explain', ...pictures, ...flags, '--out', at(out), ...more]);
const entries = (out: string) => readJson<{ images: Entry[] }>(at(out, 'manifest.json')).images;
/** Inodes of the files: a file that was written anew is another. */
const inodes = (out: string, name: string) =>
  readdirSync(at(out))
    .filter((each) => each.startsWith(`${name}.`))
    .map((each) => statSync(at(out, each)).ino);

test('the same arguments again write nothing anew and print the same', async () => {
  const first = await explain([one, two], 'same');
  assert.is(first.code, 0, first.stderr);
  const [before, told] = [entries('same'), ['one', 'two'].map((name) => inodes('same', name))];
  const again = await explain([one, two], 'same');
  assert.is(again.code, 0, again.stderr);
  assert.match(again.stdout, /kept +2 pictures that the same arguments explained before; --fresh/);
  assert.is(again.stdout.split('\n\n')[0], first.stdout.split('\n\n')[0]);
  assert.is(again.stderr, first.stderr);
  assert.equal(entries('same'), before);
  assert.equal(
    ['one', 'two'].map((name) => inodes('same', name)),
    told,
  );
  const resumed = await explain([one, two], 'same', '--resume');
  assert.match(resumed.stdout, /kept +2 pictures/);
});

test('--fresh explains all anew, and says that files were replaced', async () => {
  await explain([one], 'fresh');
  const told = inodes('fresh', 'one');
  const { stdout } = await explain([one], 'fresh', '--fresh');
  assert.not.match(stdout, /kept/);
  assert.match(stdout, /replaced +the files that 1 picture had before/);
  assert.not.equal(inodes('fresh', 'one'), told);
  const both = await explain([one], 'fresh', '--fresh', '--resume');
  assert.is(both.code, 2);
  assert.match(both.stderr, /--fresh.*--resume/);
});

test('only what is missing, changed or damaged is explained', async () => {
  const changing = pictureFile('changing.png');
  await explain([one, two, three, changing], 'partly');
  writeFileSync(at('partly', 'one.gradcam.map.npy'), 'damaged');
  rmSync(at('partly', 'two.gradcam.d1.npy'));
  writeFileSync(changing, readFileSync(three));
  const told = inodes('partly', 'three');
  const { stdout } = await explain([one, two, three, changing], 'partly');
  assert.match(stdout, /kept +1 picture that/);
  assert.equal(inodes('partly', 'three'), told);
  assert.ok(readFileSync(at('partly', 'one.gradcam.map.npy')).length > 100);
  assert.ok(existsSync(at('partly', 'two.gradcam.d1.npy')));
  assert.match((await explain([one, two, three, changing], 'partly')).stdout, /kept +4 pictures/);
});

test('other arguments, or another model, replace the files of the pictures named, and say so', async () => {
  await explain([one, two], 'others');
  const { stdout } = await explain([one], 'others', '--seed', '1');
  assert.match(stdout, /replaced +the files that 1 picture had before/);
  assert.match(stdout, /beside +manifest\.json still has what other arguments gave of 1 picture/);
  assert.equal(
    entries('others').map(({ image, choices }) => [image, choices.seed]),
    [
      [one, 1],
      [two, 0],
    ],
  );
  utimesSync(model, new Date(), new Date(Date.now() + 5000));
  assert.match((await explain([one], 'others', '--seed', '1')).stdout, /replaced/);
});

test('another class, or another method, in one folder: the manifest has both, and both are kept', async () => {
  const of = (name: string, ...more: string[]) => explain([one], 'classes', '--class', name, ...more);
  await of('1');
  const second = await of('2-3');
  assert.not.match(second.stdout, /replaced/);
  const names = () => entries('classes').map(({ files }) => files[0]);
  assert.equal(names(), ['one.c2-3.gradcam.map.npy', 'one.c1.gradcam.map.npy']);
  for (const name of ['1', '2-3']) assert.match((await of(name)).stdout, /kept +1 picture that/);
  await of('2-3', '--fresh');
  assert.equal(names(), ['one.c2-3.gradcam.map.npy', 'one.c1.gradcam.map.npy']);
  const stranger = await of('1,2-3', '--seed', '3');
  assert.match(stranger.stdout, /replaced/);
  assert.equal(
    entries('classes').map(({ choices }) => choices.seed),
    [3, 3],
  );
  assert.not.match((await of('1')).stdout, /kept/);
});

test('a run that loses some of its files to another keeps the rest, and is not taken for whole', async () => {
  const pictures = ['--format', 'png', '--method'];
  await explain([one], 'parts', ...pictures, 'gradcam');
  await explain([one], 'parts', ...pictures, 'layercam');
  const [last, first] = readJson<{ images: (Entry & { replaced?: string[] })[] }>(
    at('parts', 'manifest.json'),
  ).images;
  assert.equal(last.files, ['one.layercam.png', 'one.panel.png']);
  assert.equal([first.files, first.replaced], [['one.gradcam.png'], ['one.panel.png']]);
  const again = await explain([one], 'parts', ...pictures, 'gradcam');
  assert.not.match(again.stdout, /kept/);
  assert.match(again.stdout, /replaced/);
});

test('an earlier run whose files are gone is dropped from the manifest, and that is said', async () => {
  await explain([one], 'gone', '--class', '1');
  for (const name of readdirSync(at('gone'))) if (name.startsWith('one.c1.')) rmSync(at('gone', name));
  const { stdout } = await explain([one], 'gone', '--class', '2');
  assert.match(stdout, /dropped +1 picture whose files are gone; manifest\.json is no longer about them/);
  assert.is(entries('gone').length, 1);
});

test('other pictures by the same arguments stay in the manifest, behind those of the run', async () => {
  await explain([one], 'more');
  await explain([two, three], 'more');
  assert.equal(
    entries('more').map(({ image }) => image),
    [two, three, one],
  );
  rmSync(at('more', 'one.gradcam.a.npy'));
  await explain([three, two], 'more');
  assert.equal(
    entries('more').map(({ image }) => image),
    [three, two],
  );
});

test('two pictures of one name share it: the later one takes its place', async () => {
  mkdirSync(at('elsewhere'));
  const other = file('elsewhere/one.png', readFileSync(two));
  await explain([one], 'name');
  assert.match((await explain([other], 'name')).stdout, /replaced/);
  assert.equal(
    entries('name').map(({ image }) => image),
    [other],
  );
  const same = file('elsewhere/two.png', readFileSync(two));
  await explain([two], 'moved');
  assert.match((await explain([same], 'moved')).stdout, /kept +1 picture/);
  assert.equal(
    entries('moved').map(({ image }) => image),
    [same],
  );
});

test('a picture that goes bad on the way ends the run; what is finished stays, said by the manifest', async () => {
  const bad = pictureFile('bad.png');
  // The bytes are good when they are checked and damaged when they are explained.
  const stdout = {
    write() {
      writeFileSync(bad, readFileSync(bad).subarray(0, 60));
    },
  };
  const { runCommand } = await import('../../src/cli/runCommand.ts');
  let said = '';
  const stderr = {
    write(text: string) {
      said += text;
    },
  };
  const argv = ['explain', one, bad, two, ...flags, '--out', at('bad')];
  assert.is(await runCommand(argv, { stdout, stderr }), 2);
  assert.match(said, /bad\.png: it is damaged/);
  assert.equal(
    entries('bad').map(({ image }) => image),
    [one],
  );
  assert.equal(readdirSync(at('bad')).sort(), [...entries('bad')[0].files, 'manifest.json'].sort());
});

test('a folder in the place of a result is found before anything is written', async () => {
  await explain([one], 'way');
  const before = readFileSync(at('way', 'manifest.json'), 'utf8');
  rmSync(at('way', 'one.gradcam.a.npy'));
  mkdirSync(at('way', 'one.gradcam.a.npy'));
  const { code, stderr } = await explain([one], 'way', '--seed', '2');
  assert.is(code, 2);
  assert.match(stderr, /one\.gradcam\.a\.npy: a folder stands there/);
  assert.is(readFileSync(at('way', 'manifest.json'), 'utf8'), before);
});

test.run();
