import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatError } from '../../../src/cli/shared/formatError.ts';
import { withoutWebAssembly } from '../../../src/node/withoutWebAssembly.ts';
import { InputError, ShapeError } from '../../../src/tensor/errors.ts';

const test = suite('formatError');

test('unusable input is one line and 2', () => {
  assert.equal(formatError(new InputError('Cannot do:\n  a thing')), {
    exitCode: 2,
    lines: ['Cannot do: a thing'],
  });
  assert.is(formatError(new ShapeError('Cannot fit')).exitCode, 2);
});

test('blanks of any number are no work, and long names are cut', () => {
  const { lines } = formatError(new InputError(`Cannot run ${' '.repeat(3e6)}n: a\n  b \n\n c`));
  assert.is(lines.length, 1);
  assert.is(lines[0].length, 2000);
  assert.equal(formatError(new InputError(' a \n\n  b\r\n c ')).lines, ['a b c']);
});

test("too many open files is nobody's input, and the way out is said", () => {
  const error = Object.assign(new Error("EMFILE: too many open files, open '/x/y.js'"), {
    code: 'EMFILE',
    syscall: 'open',
    path: '/x/y.js',
  });
  const wanted = 'Cannot open /x/y.js: too many open files; allow more by ulimit -n';
  assert.equal(formatError(error), { exitCode: 1, lines: [wanted] });
});

test('files that cannot be written are one line and 1', () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write '/x/y'"), {
    code: 'ENOSPC',
    syscall: 'write',
    path: '/x/y',
  });
  assert.equal(formatError(error), { exitCode: 1, lines: ['Cannot write /x/y: no space left on device'] });
});

test('what the machine lacks is one line and 1', () => {
  const { exitCode, lines } = formatError(withoutWebAssembly('draw', new RangeError('no memory')));
  assert.is(exitCode, 1);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0],
    /^Cannot draw: WebAssembly is not available here \(no memory\); give Node more memory/,
  );
});

test('our own faults are a line, a hint and 1; the stack when asked for', () => {
  const error = new TypeError('x is undefined');
  const { exitCode, lines } = formatError(error);
  assert.is(exitCode, 1);
  assert.is(lines[0], 'Internal: x is undefined');
  assert.match(lines[1], /JETGRAD_DEBUG=1/);
  assert.match(formatError(error, { stack: true }).lines[1], /formatError\.test/);
  assert.is(formatError('odd').lines[0], 'Internal: odd');
});

test('an interruption says nothing', () => {
  assert.equal(formatError(new Error('This operation was aborted'), { aborted: true }), {
    exitCode: 130,
    lines: [],
  });
});

test.run();
