import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../src/node/pictures/encodePng.ts';
import { command, createFolder, readJson } from './command.ts';

const test = suite('jetgrad evaluate');
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const { at, modelFile, pictureFile } = createFolder();
const model = modelFile('small.json');

mkdirSync(at('set', 'dog'), { recursive: true });
mkdirSync(at('set', 'ant'), { recursive: true });
for (const name of ['dog/a', 'dog/b', 'ant/c', 'ant/d', 'ant/e']) pictureFile(`set/${name}.png`);
/** Two occurrences: a corner of 3 × 3 pixels, and another. */
const mask = Uint8Array.from({ length: 4 * 64 }, (_, i) => {
  const [y, x] = [Math.floor(i / 32), Math.floor(i / 4) % 8];
  const value = y < 3 && x < 3 ? 1 : y > 4 && x > 4 ? 2 : 0;
  return i % 4 === 3 ? 255 : i % 4 === 0 ? value : 0;
});
writeFileSync(at('set/dog/a.mask.png'), encodePng({ width: 8, height: 8, data: mask }));

const flags = ['--model', model, '--samples', '2', '--backend', 'reference'];
const evaluate = (out: string, ...more: string[]) =>
  command(['evaluate', at('set'), ...flags, '--out', at(out), ...more]);

/** Every file of a folder with its content. */
function contents(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return new Map(
    files.map((each) => [
      join(each.parentPath, each.name).slice(folder.length),
      readFileSync(join(each.parentPath, each.name), 'base64'),
    ]),
  );
}

test('every picture, every method and the controls, with both classes', async () => {
  const { code, stdout, stderr } = await evaluate('first');
  assert.is(code, 0, stderr);
  assert.match(stdout, /small, labelled class, 5 pictures/);
  const lines = readFileSync(at('first/results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    [...new Set(lines.map(({ picture }) => picture))],
    ['ant/c.png', 'ant/d.png', 'ant/e.png', 'dog/a.png', 'dog/b.png'],
  );
  const methods = [
    'gradcam',
    'gradcam++',
    'smoothgradcam++',
    'smoothgrad',
    'ones',
    'centre',
    'random',
    'meanactivation',
    'gradcam+',
  ];
  const own = lines.filter(
    ({ picture, class: each }) => picture === 'dog/a.png' && each.as.includes('label'),
  );
  assert.equal(
    own.map(({ method }) => method),
    methods,
  );
  assert.is(own[0].class.index, 3);
  for (const { method, metrics, occurrences } of own) {
    assert.is(occurrences, 2);
    assert.ok(metrics.mass >= 0 && metrics.mass <= 1, method);
    assert.is(metrics.contribution, null);
  }
  // 18 of 64 pixels are occurrences
  assert.is(own.find(({ method }) => method === 'ones').metrics.mass, 18 / 64);
  const bare = lines.find(({ picture }) => picture === 'ant/c.png');
  assert.equal([bare.metrics.mass, typeof bare.metrics.drop], [null, 'number']);
  const rows = readFileSync(at('first/results.csv'), 'utf8').trim().split('\n');
  assert.is(rows.length, lines.length + 1);
  const summary = readJson<{ tables: { kind: string; comparisons: unknown[] }[] }>(at('first/summary.json'));
  assert.equal(
    summary.tables.map(({ kind }) => kind),
    ['label', 'prediction'],
  );
  const report = readFileSync(at('first/report.md'), 'utf8');
  assert.match(report, /A map of ones is better than every method under .*covered/);
  const { files } = readJson<{ files: string[] }>(at('first/manifest.json'));
  assert.equal(
    [...files].sort(),
    readdirSync(at('first'))
      .filter((name) => name !== 'results')
      .sort(),
  );
});

test('again with the same arguments nothing is done twice, and the bytes are the same; so are those of children', async () => {
  const before = contents(at('first'));
  const { code, stderr } = await evaluate('first');
  assert.is(code, 0);
  assert.match(stderr, /5 of 5 results were there already/);
  assert.equal(contents(at('first')), before);
  const run = [main, 'evaluate', at('set'), ...flags, '--jobs', '2', '--out', at('jobs'), '--quiet'];
  await promisify(execFile)(process.execPath, ['--import', 'tsx', ...run]);
  assert.equal(contents(at('jobs')), before);
});

test('a run that is killed goes on to the same bytes, and leaves nothing half-written', async () => {
  const args = [main, 'evaluate', at('set'), ...flags, '--jobs', '2', '--out', at('killed'), '--quiet'];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const found = () =>
    existsSync(at('killed/results'))
      ? readdirSync(at('killed/results')).filter((name) => name.length === 2).length
      : 0;
  while (found() === 0 && child.exitCode === null) await new Promise((resume) => setTimeout(resume, 5));
  child.kill('SIGKILL');
  await ended;
  assert.is((await evaluate('killed')).code, 0);
  assert.equal(contents(at('killed')), contents(at('first')));
});

test('what was interrupted goes on: results that are there are kept, those that are not are made', async () => {
  const before = contents(at('first'));
  const folder = readdirSync(at('first/results')).find((name) => /^[0-9a-f]{2}$/.test(name)) ?? '';
  rmSync(at('first/results', folder), { recursive: true });
  rmSync(at('first/report.md'));
  const { stderr } = await evaluate('first');
  assert.match(stderr, /[1-4] of 5 results were there already/);
  assert.equal(contents(at('first')), before);
});

test('a picture that cannot be read is listed, the others are evaluated: exit code 3', async () => {
  writeFileSync(at('set/dog/broken.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
  const { code, stderr } = await evaluate('third');
  assert.is(code, 3);
  assert.match(
    stderr,
    /Cannot evaluate one picture; the report is of the others:\n {2}dog\/broken\.png \(small\): Cannot read/,
  );
  assert.match(readFileSync(at('third/report.md'), 'utf8'), /dog\/broken\.png, small/);
  const again = await evaluate('third');
  assert.equal([again.code, again.stderr.includes('6 of 6 results')], [3, true]);
  rmSync(at('set/dog/broken.png'));
});

test('every metric of every method is measured', async () => {
  const { code, stderr } = await evaluate(
    'every',
    '--method',
    'every',
    '--metric',
    'every',
    '--limit',
    '4',
    '--sigma',
    '0.1,0.2',
  );
  assert.is(code, 0, stderr);
  const lines = readFileSync(at('every/results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.ok(lines.some(({ name }) => name === 'smoothgrad σ 0.2'));
  const masked = lines.filter(({ picture }) => picture === 'dog/a.png');
  for (const { name, metrics } of masked) {
    for (const [metric, value] of Object.entries(metrics)) {
      assert.ok(
        metric === 'contribution' ? value === null : Number.isFinite(value),
        `${name} ${metric}: ${value}`,
      );
    }
  }
});

test('scenes have masks and removals', async () => {
  const { code, stderr } = await command([
    'evaluate',
    'scenes:20',
    '--limit',
    '16',
    '--metric',
    'contribution,focc',
    '--method',
    'gradcam',
    '--out',
    at('scenes'),
  ]);
  assert.is(code, 0, stderr);
  const lines = readFileSync(at('scenes/results.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const two = lines.filter(({ occurrences }) => occurrences === 2);
  assert.ok(two.length > 0 && two.every(({ metrics }) => Math.abs(metrics.contribution) <= 1));
});

for (const [args, message] of [
  [['nowhere'], /Cannot evaluate on "nowhere": it must be a folder of pictures, scenes:N/],
  [['scenes:3', '--metric', 'mas'], /--metric "mas".*did you mean "mass"/],
  [['scenes:3', '--score', 'z[0]'], /--score "z\[0\]": it must be exp, prob, logprob or logit/],
  [['scenes:3', '--jobs', '0'], /--jobs 0: it must be a whole number from 1/],
  [['scenes:3', '--layer', 'nothing'], /nothing/],
] as const) {
  test(`${args.join(' ')} is refused`, async () => {
    const { code, stderr } = await command(['evaluate', ...args, '--out', at('refused')]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
  });
}

test.run();
