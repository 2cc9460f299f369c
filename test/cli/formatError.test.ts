import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatError } from '../../src/cli/formatError.ts';
import { withoutWebAssembly } from '../../src/node/withoutWebAssembly.ts';
import { InputError, ShapeError } from '../../src/tensor/errors.ts';

const test = suite('formatError');

test('unusable input is one line and 2', () => {
  assert.equal(formatError(new InputError('Cannot do:\n  a thing')), {
    exitCode: 2,
    lines: ['Cannot do: a thing'],
  });
  assert.is(formatError(new ShapeError('Cannot fit')).exitCode, 2);
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
