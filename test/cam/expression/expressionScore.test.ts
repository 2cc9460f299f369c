import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { grad } from '../../../src/autodiff/reverse.ts';
import { expressionScore, type FileReader } from '../../../src/cam/expression/expressionScore.ts';
import { createModel } from '../../../src/model/model.ts';
import { fromData, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';
import { makeModel } from '../../support/makeModel.ts';

const test = suite('expressions');

/** Outputs of known shapes; their values are given to the scores by the tests. */
const model = createModel(
  makeModel({
    inputs: { x: [1, 3, 2, 2] },
    outputs: ['r', 'a/b:0'],
    nodes: ['Relu x > r', 'GlobalAveragePool x > a/b:0'],
  }),
);

const r = [0.5, -1, 2, 3, 0.25, 4, 1.5, -2, 1, 0, 7, -3];
const values = {
  r: fromData(Float64Array.from(r), [1, 3, 2, 2]),
  'a/b:0': tensor([[[[0.5]], [[2]], [[-1]]]]),
};

const files: FileReader = {
  array: (path) => {
    assert.is(path, 'dir/v-1.npy');
    return tensor([1, 2, 3]);
  },
  mask: (path, height, width) => {
    assert.equal([path, height, width], ['m.png', 2, 2]);
    return tensor([
      [0, 1],
      [1, 0],
    ]);
  },
};

const scoreOf = (text: string) => expressionScore(text, model, { files });
const numberOf = (text: string) => Number(scoreOf(text).at(values).value(values).data[0]);

const sumOf = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
const e = r.slice(0, 4).map(Math.exp);

test('the grammar: signs by rank, indices, ranges, functions, names in quotes', () => {
  const z = [0.5, 2, -1];
  const length = Math.sqrt(sumOf(z.map((each) => each * each)));
  const wanted: Readonly<Record<string, number>> = {
    'r[0, 1, 1, 0]': 1.5,
    'r[0,-1,-1,-1]': -3,
    '2 + 3 * r[0,0,0,0] - -1': 4.5,
    '-r[0,0,1,1] / 2 / 3': -0.5,
    '(1 + 2) * (r[0,0,0,0] + 0)': 1.5,
    '1e1 * z[0, 1]': 20,
    'sum(r)': sumOf(r),
    'sum(r[0, 0:2])': sumOf(r.slice(0, 8)),
    'sum(r[:, 1:, 0, :])': 0.25 + 4 + 1,
    'mean(r[0, -2])': sumOf(r.slice(4, 8)) / 4,
    'sum(sum(r, 1)[0, 0])': sumOf([0.5 + 0.25 + 1, -1 + 4 + 0]),
    'max(r)': 7,
    'max(r[0], 0)[1, 1]': 3,
    'z[0, argmax(z)] - z[0, 0]': 1.5,
    'exp(z[0, 0])': Math.exp(0.5),
    'log(z[0, 1])': Math.log(2),
    'sigmoid(z[0, 2])': 1 / (1 + Math.E),
    'softmax(r[0, 0], 0)[1, 0]': Math.exp(2) / (Math.exp(2) + Math.exp(0.5)),
    'sum(softmax(r[0, 0])[0])': 1,
    '"a/b:0"[0, 1, 0, 0] * 1': 2,
    'dot(z, dir/v-1.npy)': 0.5 + 4 - 3,
    "cosine(z, 'dir/v-1.npy')": 1.5 / (length * Math.sqrt(14)),
    'sum(where(r[0, 2], m.png))': 7,
    'mean(where(r, m.png))': (-1 + 2 + 4 + 1.5 + 0 + 7) / 6,
    'log(sum(exp(r[0, 0])))': Math.log(sumOf(e)),
  };
  for (const [text, value] of Object.entries(wanted)) {
    close([numberOf(text)], [value], { relative: 1e-14 }, text);
  }
});

test('what is chosen on the clean picture is held elsewhere, and told', () => {
  const { at, reads } = scoreOf('max(r) + r[0, argmax(z), 0, 0] + max(r[0, 0], 1)[0]');
  assert.equal(reads, ['r', 'a/b:0']);
  const { value, choices } = at(values);
  assert.equal(choices, { 'max(r)': 10, 'argmax(z)': 1, 'max(r[0, 0], 1)': [0, 3] });
  const other = {
    r: fromData(
      Float64Array.from({ length: 12 }, (_, i) => i),
      [1, 3, 2, 2],
    ),
    'a/b:0': tensor([[9, 0, 0]]),
  };
  close(value(other), [10 + 4 + 0], { relative: 1e-14 });
  assert.is(scoreOf('sum(r)').at(values).choices, undefined);
});

test('a score is differentiable in what it reads', () => {
  const { value } = scoreOf('2 * max(r) + sum(where(r, m.png)) * r[0,0,0,0]').at(values);
  const slope = grad((x: Tensor) => value({ ...values, r: x }))(values.r);
  const under = -1 + 2 + 4 + 1.5 + 0 + 7;
  close(slope, [under, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0.5, 2.5, 0], { relative: 1e-14 });
});

test('what cannot be read is refused with its place', () => {
  for (const [text, says] of [
    [
      'sum(q)',
      /^Cannot read the score "sum\(q\)" at character 5: there is no tensor q; the outputs are r, a\/b:0, and z/,
    ],
    ['r[0, 3]', /character 6: 3 is out of range for the length 3 of \[1, 3, 2, 2\]/],
    ['r[0,0,0,0,0]', /character 11: \[1, 3, 2, 2\] has 4 axes, not 5/],
    ['r[0, 1:1]', /character 6: the range 1:1 is empty/],
    ['r[0', /character 4: a "\]" or the next index is wanted/],
    ['r[0, ]', /character 6: an index is wanted/],
    ['r[0.5]', /character 3: an index is a whole number, got 0.5/],
    ['r', /character 1: it gives \[1, 3, 2, 2\], one number is wanted/],
    ['1 + 2', /character 1: it reads no output/],
    ['sum(r', /character 6: a "\)" or an operator is wanted/],
    ['sum(r) sum(r)', /character 8: "sum" stands where an operator or the end is wanted/],
    ['sum(r) +', /character 9: it ends where a value is wanted/],
    ['summ(r)', /character 1: there is no function summ; there are sum, .*did you mean "?sum/],
    ['exp(r, 1)', /character 8: exp takes one value/],
    ['softmax(r, x)', /character 12: an axis is wanted/],
    ['dot(r)', /character 6: dot takes a file, too: dot\(x, FILE\)/],
    [
      'sum(dot(r, dir/v-1.npy))',
      /character 5: dot wants as many entries in both, got \[1, 3, 2, 2\] and \[3\]/,
    ],
    ['a/b:0[0]', /character 4: ":" stands where an operator or the end is wanted/],
    ['sum(r) § 2', /character 8: "§" has no meaning; names with such signs stand in quotes/],
    ['sum(softmax(r, 4))', /character 5: cannot .*axis/],
    [`${'('.repeat(70)}r`, /brackets are more than 64 deep/],
    [`sum(r)${' '.repeat(5000)}+1`, /more than 4096 characters/],
  ] as const) {
    assert.throws(() => scoreOf(text), says);
  }
});

test.run();
