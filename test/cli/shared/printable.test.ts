import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printable, printableLines, shorten } from '../../../src/cli/shared/printable.ts';

const test = suite('printable');

test('escapes, controls, turns of direction and separators are written out, letters of any script are not', () => {
  assert.is(printable('y\x1b]0;t\x07'), 'y\\u001b]0;t\\u0007');
  assert.is(printable('a\x9b2J\x7f\r\n\t'), 'a\\u009b2J\\u007f\\u000d\\u000a\\u0009');
  assert.is(printable('a\u202eb\u2028\uffff'), 'a\\u202eb\\u2028\\uffff');
  const letters = 'Löwe, ライオン, أسد, 🦁, n01440764 tench\u0301';
  assert.is(printable(letters), letters);
});

test('what JSON printed keeps its meaning', () => {
  const value = { name: 'a\x1b[2J\x9b\u202e\n"\\\\' };
  const text = printableLines(JSON.stringify(value, null, 2));
  assert.equal(JSON.parse(text), value);
  for (const each of ['\x1b', '\x9b', '\u202e']) assert.not.ok(text.includes(each));
});

test('lines stay lines', () => assert.is(printableLines('a\x1b\nb'), 'a\\u001b\nb'));

test('long texts end in a sign, at whole letters', () => {
  assert.is(shorten('abcdef', 6), 'abcdef');
  assert.is(shorten('abcdefg', 6), 'abcde…');
  assert.is(shorten('abcd🦁g', 6), 'abcd…');
});

test.run();
