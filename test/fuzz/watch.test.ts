import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { causeOf, type Finding, type FindingKind, readerOf, saveFinding } from '../support/fuzz/findings.ts';
import { createFuzz, type Tally } from '../support/fuzz/fuzz.ts';
import { inputsOf } from '../support/fuzz/inputs.ts';
import { FAULTY, readers } from './planted.ts';

const test = suite('fuzzing, watched');

const folder = mkdtempSync(join(tmpdir(), 'jetgrad-findings-'));
const findings: Finding[] = [];
const fuzzWith = (clockSeconds: number) =>
  createFuzz({
    modulePath: fileURLToPath(new URL('planted.ts', import.meta.url)),
    seed: 5,
    inputs: 40,
    limits: { seconds: 1.5, clockSeconds, bytes: 8e8 },
    onFinding: (finding) => findings.push(finding),
  });
// A busy machine gives a process little of the clock's time; only a promise that nobody keeps is to be caught by it.
const [fuzz, impatient] = [fuzzWith(60), fuzzWith(2)];

test.after(() => {
  fuzz.close();
  impatient.close();
  rmSync(folder, { recursive: true, force: true });
});

const counts = { inputs: 40, absent: false };
const nothing = { untyped: 0, hang: 0, death: 0, memory: 0, differ: 0 };

async function finds(
  name: string,
  kind: FindingKind,
  by = fuzz,
): Promise<{ tally: Tally; finding: Finding }> {
  findings.length = 0;
  const tally = await by.fuzz(name);
  assert.equal({ inputs: tally.inputs, absent: tally.absent }, counts);
  assert.equal(tally.found, { ...nothing, [kind]: 1 });
  assert.is(findings.length, 1);
  assert.is(findings[0].index, FAULTY);
  return { tally, finding: findings[0] };
}

test('inputs are the same in every process; their first are the seeds; another seed gives others', () => {
  const [sound, other] = [readers[0], readers[1]];
  const read = (input: (index: number) => Uint8Array) => Array.from({ length: 60 }, (_, i) => input(i)[0]);
  const first = read(inputsOf(sound, 5));
  assert.equal(first.slice(0, 8), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(read(inputsOf(sound, 5)), first);
  assert.not.equal(read(inputsOf(sound, 6)), first);
  assert.not.equal(read(inputsOf(other, 5)), first);
});

test('a sound reader: taken and refused are all there is', async () => {
  const tally = await fuzz.fuzz('sound');
  assert.equal(tally.found, nothing);
  assert.is(tally.taken + tally.refused, 40);
  assert.ok(tally.refused >= 4 && tally.taken >= 4);
});

for (const [name, words] of [
  ['untyped', /^TypeError: not a function\n\s+at /],
  ['untyped-later', /^RangeError: Invalid typed array length/],
] as const) {
  test(`${name}: an error of another kind is found, and the rest is read`, async () => {
    const { tally, finding } = await finds(name, 'untyped');
    assert.match(finding.message, words);
    assert.is(tally.taken + tally.refused, 39);
  });
}

test('differing backends', async () => {
  const { finding } = await finds('differ', 'differ');
  assert.match(finding.message, /1 is not 2/);
});

test('a loop without end: the process is replaced behind it', async () => {
  const { tally, finding } = await finds('hang', 'hang');
  assert.match(finding.message, /seconds of the processor/);
  assert.is(tally.taken + tally.refused, 39);
});

test('a promise that nobody keeps', async () => {
  const { finding } = await finds('waits', 'hang', impatient);
  assert.match(finding.message, /no end after 2 seconds/);
});

test('the end of the process', async () => {
  const { tally, finding } = await finds('death', 'death');
  assert.match(finding.message, /SIGABRT/);
  assert.is(tally.taken + tally.refused, 39);
});

test('an error that reaches nobody', async () => {
  const { finding } = await finds('rejects-elsewhere', 'death');
  assert.match(finding.message, /exit code 1\n.*nobody listens/s);
});

test('memory, tried again in a process of its own', async () => {
  const { finding } = await finds('memory', 'memory');
  assert.match(finding.message, /^\d+ MB/);
});

test('a reader without seeds is told from one without faults', async () => {
  const { absent, inputs } = await fuzz.fuzz('absent');
  assert.equal({ absent, inputs }, { absent: true, inputs: 0 });
});

test('a module that cannot be loaded is said, not tried again', async () => {
  const broken = createFuzz({ modulePath: '/nowhere/readers.ts', seed: 0, inputs: 1 });
  const said = await broken.fuzz('sound').then(String, (error: Error) => error.message);
  assert.match(said, /the process of the readers did not start: exit code 1/);
});

test('a saved input is read again with the same end', async () => {
  const finding: Finding = {
    reader: 'untyped',
    kind: 'untyped',
    seed: 5,
    index: FAULTY,
    message: 'TypeError: x',
  };
  const path = saveFinding(folder, finding, Uint8Array.of(FAULTY));
  assert.is(path, join(folder, 'untyped', `untyped-5-${FAULTY}.bin`));
  assert.is(readFileSync(path.replace(/bin$/, 'txt'), 'utf8'), 'TypeError: x\n');
  assert.is(readerOf(path), 'untyped');
  const { outcome, message } = await fuzz.replay('untyped', path);
  assert.is(outcome, 'untyped');
  assert.match(message, /not a function/);
  assert.is((await fuzz.replay('sound', path)).outcome, 'taken');
  assert.is((await fuzz.replay('hang', path)).outcome, 'hang');
});

test('findings of one cause are told from others', () => {
  const at = (message: string): Finding => ({ reader: 'r', kind: 'untyped', seed: 0, index: 1, message });
  const frame = '\n    at f (file.ts:3:4)';
  assert.is(causeOf(at(`TypeError: a "x" 3${frame}`)), causeOf(at(`TypeError: b${frame}`)));
  assert.not.equal(causeOf(at(`TypeError: a${frame}`)), causeOf(at(`RangeError: a${frame}`)));
  assert.is(causeOf(at('hang "1" 17')), causeOf(at('hang "2" 4')));
});

test.run();
