import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withLimits } from '../scripts/limitsTable.ts';
import { limits } from '../src/tensor/limits.ts';

const test = suite('docs/limits.md');

const page = readFileSync(fileURLToPath(new URL('../docs/limits.md', import.meta.url)), 'utf8');

test('its table is that of src/tensor/limits.ts; npm run limits renews it', () => {
  assert.is(page, withLimits(page));
});

test('every bound stands there by name, number, unit and option', () => {
  for (const [name, limit] of Object.entries(limits)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
    assert.ok(row.replaceAll(',', '').includes(`| ${limit.value} `), `${name}: ${limit.value}`);
    assert.ok(row.includes(limit.unit), `${name}: ${limit.unit}`);
    if ('option' in limit) assert.ok(row.includes(limit.option), `${name}: ${limit.option}`);
  }
});

test.run();
