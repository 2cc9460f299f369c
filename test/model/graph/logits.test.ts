import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../../src/model/model.ts';
import { floats, makeModel, type Parts, parseNode } from '../../support/makeModel.ts';

const test = suite('logits');

const values = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1));

const weights = { w: floats([4, 3, 3, 3], values(108)), v: floats([5, 4], values(20)) };

/** A small classifier with more at its end. */
function network(nodes: Parts['nodes'], outputs: readonly string[], tensors: Parts['tensors'] = {}) {
  const trunk = ['Conv x w > a', 'Relu a > r', 'GlobalAveragePool r > p'];
  const flat = [parseNode('Flatten p > f', { axis: 1 }), parseNode('Gemm f v > z', { transB: 1 })];
  return createModel(
    makeModel({
      inputs: { x: [1, 3, 6, 6] },
      outputs,
      nodes: [...trunk, ...flat, ...nodes],
      tensors: { ...weights, ...tensors },
    }),
  );
}

const two = { two: floats([], [2]), minus: floats([], [-2]), each: floats([5], [1, 2, 3, 4, 5]) };

test('logits stand before a softmax, whatever multiplies it or takes its logarithm', () => {
  for (const [ends, ending] of [
    [[], 'none'],
    [['Softmax z > y'], 'softmax'],
    [['Sigmoid z > y'], 'sigmoid'],
    [['Softmax z > s', 'Mul s two > y'], 'softmax'],
    [['Softmax z > s', 'Mul two s > t', 'Identity t > y'], 'softmax'],
    [['Sigmoid z > s', 'Div s two > y'], 'sigmoid'],
    [['Softmax z > s', 'Log s > y'], 'softmax'],
    [['Softmax z > s', parseNode('ArgMax s > y', { axis: 1 })], 'softmax'],
    [[parseNode('ArgMax z > y', { axis: 1 })], 'none'],
  ] as const) {
    const { logits } = network(ends, [ends.length === 0 ? 'z' : 'y'], two);
    assert.equal(logits, { tensor: 'z', ending });
  }
  const scaled = network(['Mul z two > t', 'Softmax t > y'], ['y'], two);
  assert.equal(scaled.logits, { tensor: 't', ending: 'softmax' });
  const behind = network(['Mul z each > y'], ['y'], two);
  assert.equal(behind.logits, { tensor: 'y', ending: 'none' });
});

test('a softmax whose order is changed behind it is refused by name', () => {
  for (const change of ['Mul s each > y', 'Mul s minus > y', 'Div two s > y', 'Add s each > y']) {
    const model = network(['Softmax z > s', change], ['y'], two);
    assert.throws(() => model.logits, /Cannot take y \[1, 5\] for the logits .*"(Mul|Div|Add) .*such as z$/);
    assert.equal(model.findLogits('z'), { tensor: 'z', ending: 'none' });
  }
});

test('of several outputs the logits are those that the structure tells apart', () => {
  for (const [nodes, outputs, tensor] of [
    [[], ['r', 'z'], 'z'],
    [[], ['f', 'z'], 'z'],
    [['Softmax z > s', parseNode('ArgMax z > l', { axis: 1 })], ['l', 's'], 'z'],
    [['Softmax z > s'], ['z', 's'], 'z'],
  ] as const) {
    assert.is(network(nodes, outputs).logits.tensor, tensor);
  }
  assert.is(network(['Softmax z > s'], ['z', 's']).logits.ending, 'softmax');
  const heads = network(['Tanh z > t', parseNode('Gemm f u > o', { transB: 1 })], ['t', 'o'], {
    u: floats([2, 4], values(8)),
  });
  assert.throws(
    () => heads.logits,
    /Cannot tell which output of test is the logits of classes: it has t \[1, 5\], o \[1, 2\]; name one by output \(--output\)/,
  );
  assert.is(heads.findLogits('o').tensor, 'o');
  assert.throws(
    () => heads.findLogits('n'),
    /Cannot find the output n in test: it has t \[1, 5\], o \[1, 2\]/,
  );
  const labelled = createModel({ ...heads.data, labels: ['a', 'b'] });
  assert.is(labelled.logits.tensor, 'o');
});

test('an output that is not [1, m] is never flattened; without logits layers are those of all outputs', () => {
  const model = network([], ['r']);
  assert.throws(
    () => model.logits,
    /Cannot take r \[1, 4, 4, 4\] for the logits of classes: \[1, m\] is wanted/,
  );
  const picked = network([parseNode('ArgMax r > l', { axis: 1 })], ['l']);
  assert.throws(() => picked.logits, /Cannot take l \[1, 1, 4, 4\] for the logits/);
  const both = network([], ['r', 'p']);
  assert.is(both.logits.tensor, 'p');
  assert.equal(both.split('r', { outputs: ['r', 'p'] }).outputs, ['r', 'p']);
});

test.run();
