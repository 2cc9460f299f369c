import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatCount, formatTable } from '../../../src/cli/shared/formatTable.ts';

const test = suite('formatTable');

test('columns are aligned and lines end without spaces', () => {
  const table = formatTable(
    [{ title: 'index', align: 'right' }, { title: 'name' }, { title: 'n', align: 'right' }],
    [
      ['0', 'conv', '1,024'],
      ['10', '', ''],
    ],
  );
  assert.is(table, ['index  name      n', '    0  conv  1,024', '   10'].join('\n'));
});

test('a long cell is cut, not all rows padded to it; controls are written out', () => {
  const rows = [['n'.repeat(1e6)], ['y\x1b]0;t\x07'], ...Array.from({ length: 200_000 }, () => ['a'])];
  const lines = formatTable([{ title: 'name' }], rows).split('\n');
  assert.is(lines.length, 200_003);
  assert.is(lines[1], `${'n'.repeat(79)}…`);
  assert.is(lines[2], 'y\\u001b]0;t\\u0007');
});

test('counts', () => {
  assert.is(formatCount(1235496), '1,235,496');
  assert.is(formatCount(999), '999');
});

test.run();
