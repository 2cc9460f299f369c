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

for (const name of ['', 'explain', 'convert', 'inspect', 'run', 'diagonal']) {
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

test('no progress where stderr is no terminal', () => {
  let text = '';
  const stderr = {
    write(piece: string) {
      text += piece;
    },
  };
  const progress = createProgress({ stderr, quiet: false });
  progress.update(0.5, 'x');
  progress.stop();
  assert.is(text, '');
});

test.run();
