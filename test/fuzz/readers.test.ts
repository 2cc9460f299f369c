import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { skip } from '../support/check.ts';
import type { Finding } from '../support/fuzz/findings.ts';
import { createFuzz } from '../support/fuzz/fuzz.ts';
import { readers } from '../support/fuzz/readers.ts';

const test = suite('damaged inputs');

const INPUTS = 500;
const findings: Finding[] = [];
const fuzz = createFuzz({ seed: 1, onFinding: (finding) => findings.push(finding) });

test.after(() => fuzz.close());

for (const { name, suiteInputs = INPUTS } of readers) {
  test(`${name}: taken or refused by one typed sentence, in bounded time and memory`, async () => {
    findings.length = 0;
    const { absent, inputs, taken, refused } = await fuzz.fuzz(name, suiteInputs);
    if (absent) return skip(name, 'what its seeds are made from is not there');
    assert.equal(findings, [], `npm run fuzz -- --only ${name} --seed 1 --inputs ${suiteInputs}`);
    assert.is(inputs, suiteInputs);
    assert.is(taken + refused, suiteInputs);
    assert.ok(taken > 0, 'nothing is taken: the seeds are unsound');
  });
}

test('readers have names of their own, fit for folders and --only', () => {
  const names = readers.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[a-z0-9-]+$/);
});

test.run();
