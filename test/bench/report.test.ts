import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bars, lookUp, verdictOf } from '../../bench/bars.ts';
import type { Row } from '../../bench/cases/case.ts';
import { cases, quicker, withBefore } from '../../bench/cases/cases.ts';
import { readFlags } from '../../bench/flags.ts';
import { formatReport } from '../../bench/table.ts';
import { InputError } from '../../src/tensor/errors.ts';

const test = suite('bench report');
const row = (name: string, label: string, more: Partial<Row>): Row => ({
  ...{ case: name, title: name, label, status: 'passed' },
  ...more,
});
const barOf = (title: RegExp) => {
  const found = bars.find((bar) => title.test(bar.title));
  if (found === undefined) throw new Error(`no bar ${title}`);
  return found;
};

test('ratios are per image, of outputs that agree', () => {
  const rows = [
    row('vgg16-8', 'jetgrad', { seconds: 2, items: 8 }),
    row('vgg16-8', 'onnxruntime-node', { seconds: 1, items: 8 }),
    row('smoothgradcam++', 'jetgrad', { seconds: 25, items: 25 }),
    row('smoothgradcam++', 'its forward, 8 images', { seconds: 4, items: 8 }),
    row('vgg16-1', 'jetgrad', { seconds: 1 }),
    row('vgg16-1', 'onnxruntime-web', { seconds: 1, status: 'failed' }),
  ];
  const value = (title: RegExp) => barOf(title).value(lookUp(rows));
  assert.is(value(/8 images, per image ÷ onnxruntime-node/), 2);
  assert.is(value(/^Smooth Grad-CAM\+\+/), 2);
  assert.is(value(/1 image ÷ onnxruntime-web/), undefined);
});

test('verdicts', () => {
  const bar = barOf(/8 images, per image ÷ onnxruntime-node/);
  assert.equal(
    [1, 1.5, 2.1, undefined].map((value) => verdictOf(bar, value)),
    ['aim', 'must', 'missed', ''],
  );
});

test('every bar finds its rows among the cases', () => {
  const rows = cases.flatMap((each) => {
    const labels = each.kind === 'size' ? ['jetgrad'] : each.entrants.map(({ label }) => label);
    const facts = { bytes: 1, live: 1, entries: 4, plan: 'jets' };
    return labels.map((label) =>
      row(each.name, label, { seconds: 1, items: 1, peakBytes: 1, error: 1, facts }),
    );
  });
  for (const bar of bars) assert.type(bar.value(lookUp(rows)), 'number', bar.title);
});

test('the table names who is missing, and gives the ratio to the others', () => {
  const text = formatReport([
    row('x', 'jetgrad', { seconds: 0.1, samples: [0.1] }),
    row('x', 'peer', { seconds: 0.2, samples: [0.2], error: 1e-6 }),
    row('x', 'other', { status: 'missing', why: 'not installed' }),
  ]);
  assert.match(text, /peer +200 +0\.5 +1 +1e-6/);
  assert.match(text, /other +not installed/);
  assert.match(text, /VGG-16 forward, 8 images, per image ÷ onnxruntime-node +≤ 2 +≤ 1 +not measured/);
});

test('the version before does what jetgrad does; the quick run leaves out the slow', () => {
  const [first] = cases;
  const entrantsOf = (given: typeof first) => (given.kind === 'timed' ? given.entrants : []);
  const [jetgrad, before] = entrantsOf(withBefore(first, 'v1'));
  assert.is(before.label, 'before (v1)');
  assert.equal(before.job, jetgrad.job);
  assert.equal(
    entrantsOf(quicker(first)).map(({ label }) => label),
    ['jetgrad', 'onnxruntime-node'],
  );
});

test('wrong flags are refused by name', () => {
  assert.equal(readFlags(['--only', 'vgg16-8,import'])?.only, ['vgg16-8', 'import']);
  assert.throws(
    () => readFlags(['--only', 'vgg17']),
    (error: unknown) => error instanceof InputError && /vgg17/.test(error.message),
  );
  assert.throws(
    () => readFlags(['--qiuck']),
    (error: unknown) => error instanceof InputError && /--quick/.test(error.message),
  );
});

test.run();
