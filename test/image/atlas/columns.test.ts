import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { NeuronFacts } from '../../../src/cam/neurons.ts';
import { numberColumns, percent } from '../../../src/image/atlas/columns.ts';

const test = suite('columns of an atlas');

const neuron = (given: Partial<NeuronFacts>): NeuronFacts => ({
  ...{ k: 0, y: 3, x: 4, activation: 0, d1: 0, d2: 0, d3: 0, share: 0 },
  ...given,
});

/** Titles and texts by column. */
function shown(all: readonly NeuronFacts[], logScale = 0): Record<string, string[]> {
  return Object.fromEntries(numberColumns(all, logScale).map(({ title, text }) => [title, all.map(text)]));
}

test('a column has one power of ten, that of its largest value', () => {
  const found = shown([neuron({ d1: 0.00123, d2: 123_456 }), neuron({ d1: -0.00004, d2: 0 })]);
  assert.equal(found['D1·10⁻³'], ['1.23', '−0.04']);
  assert.equal(found['D2·10⁵'], ['1.23', '0']);
  assert.equal(found['y, x'], ['3, 4', '3, 4']);
});

test('middling values stand as they are, three digits of the largest', () => {
  const found = shown([
    neuron({ activation: 1234.4, d1: 12.34, d2: 0.5, d3: 0.0123 }),
    neuron({ activation: 2, d1: -0.001 }),
  ]);
  assert.equal(found.A, ['1234', '2']);
  assert.equal(found.D1, ['12.34', '0.00']);
  assert.equal(found.D2, ['0.50', '0']);
  assert.equal(found.D3, ['0.012', '0']);
});

test('logScale is of derivatives, not of A', () => {
  const found = shown([neuron({ activation: 1, d1: 2 })], 400 * Math.LN10);
  assert.equal(found.A, ['1.00']);
  assert.equal(found['D1·10⁴⁰⁰'], ['2.00']);
});

test('α only where the method has it', () => {
  assert.ok(!Object.hasOwn(shown([neuron({})]), 'α'));
  assert.equal(shown([neuron({ alpha: -0.25 })]).α, ['−0.25']);
});

test('percent', () => {
  assert.equal([0.0123, -0.5, 0.5, 0.0995].map(percent), ['1.23 %', '−50.0 %', '50.0 %', '10.0 %']);
});

test.run();
