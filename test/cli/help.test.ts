import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createIo } from '../../src/cli/shared/io.ts';
import { createProgress } from '../../src/cli/shared/progress.ts';
import { command } from './command.ts';

const test = suite('help, version and streams');

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(await command(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
});

for (const name of [
  '',
  'explain',
  'convert',
  'inspect',
  'run',
  'diagonal',
  'neurons',
  'evaluate',
  'work',
  'store',
]) {
  test(`${name} --help has an example and goes to stdout`, async () => {
    const { code, stdout, stderr } = await command(name === '' ? ['--help'] : [name, '--help']);
    assert.is(code, 0);
    assert.is(stderr, '');
    assert.match(stdout, new RegExp(`^Usage: jetgrad ${name}`));
    assert.match(stdout, new RegExp(`Examples?:\n {2}\\$ jetgrad ${name}`));
  });
}

test('help says what is required', async () => {
  const marked = async (name: string) =>
    (await command([name, '--help'])).stdout
      .split('\n')
      .filter((line) => line.includes('(required)'))
      .map((line) => line.trim().split(/ {2,}/)[0]);
  assert.equal(await marked('run'), ['model', '--out <folder>']);
  assert.equal(await marked('diagonal'), ['model', '--input <file>']);
  assert.equal(await marked('explain'), ['image']);
});

test('colours on a terminal only, and not with NO_COLOR', () => {
  const printed = (isTTY: boolean, env: Record<string, string>) => {
    const stream = { write: () => true, isTTY };
    return createIo({ stdout: stream, stderr: stream, env }, false).colors.bold('x');
  };
  assert.is.not(printed(true, {}), 'x');
  assert.is(printed(false, {}), 'x');
  assert.is(printed(true, { NO_COLOR: '1' }), 'x');
  assert.is(printed(true, { TERM: 'dumb' }), 'x');
});

test('where stderr is no terminal: nothing of short work, lines of long work', () => {
  const told: string[] = [];
  let time = 0;
  const io = { stderr: { write: () => true }, quiet: false, note: (line: string) => void told.push(line) };
  const progress = createProgress(io, () => time);
  const at = (seconds: number, share: number) => {
    time = 1000 * seconds;
    progress.update(share, 'x.png');
  };
  at(0, 0);
  at(2, 0.02);
  // Four seconds of five are no long work; four of a hundred are.
  at(4, 0.8);
  assert.equal(told, []);
  at(4, 0.04);
  at(13, 0.1);
  at(14, 0.14);
  at(20, 0.2);
  at(60, 0.6);
  at(100, 1);
  assert.equal(told, [
    '4 % (x.png), about 96 s left',
    '14 % (x.png), about 86 s left',
    '60 % (x.png), about 40 s left',
  ]);
  const silent = createProgress({ ...io, quiet: true }, () => time);
  silent.update(0.5, 'x');
  assert.is(told.length, 3);
});

test.run();
