import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leaveOut } from '../scripts/leaveOut.mjs';

const test = suite('what a build leaves out');

test('properties of a row, whatever their values hold', () => {
  const row = `export const row = make({
  name: "a, source: b",
  samples: [
    { inputs: [[1, 2]], attributes: { text: "]}, \\" (" }, output: f(1, [2]) }
  ],
  forward: ([x]) => x.map((samples) => samples),
  tails: [[1, 2]],
  source: \`of \${1} [\`
});
`;
  const kept = `export const row = make({
  name: "a, source: b",
  forward: ([x]) => x.map((samples) => samples),
});
`;
  assert.is(leaveOut(row, ['samples', 'source', 'tails']), kept);
});

test('properties written short, and no names that only look like them', () => {
  const code = 'const a = {\n  source,\n  sources: 1,\n  resource: 2,\n  source\n};\n';
  assert.is(leaveOut(code, ['source']), 'const a = {\n  sources: 1,\n  resource: 2,\n};\n');
});

test('a value that does not end is an error', () => {
  assert.throws(() => leaveOut('a = {\n  source: [1\n', ['source']), /does not end/);
});

test.run();
