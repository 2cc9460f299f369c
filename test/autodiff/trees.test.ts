import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { jvp } from '../../src/autodiff/forward.ts';
import { hessian, hvp } from '../../src/autodiff/mixed.ts';
import { add, concat, exp, matmul, mul, reshape, sin, sum, tanh } from '../../src/autodiff/operations.ts';
import { grad, jacobian, valueAndGrad, vjp } from '../../src/autodiff/reverse.ts';
import { stopGradient } from '../../src/autodiff/trace.ts';
import { mapTree, treeLeaves, treeOf } from '../../src/autodiff/trees.ts';
import { ShapeError } from '../../src/tensor/errors.ts';
import { item, type Tensor, tensor, toNested } from '../../src/tensor/tensor.ts';
import { close, same } from '../support/check.ts';

const test = suite('trees');

interface Params {
  w: Tensor;
  layers: { b: Tensor }[];
}

const params: Params = {
  w: tensor([
    [0.3, -0.8],
    [1.1, 0.4],
  ]),
  layers: [{ b: tensor([0.2, -0.5]) }],
};
const batch = tensor([
  [1, 2, -1],
  [0.5, -0.3, 0.7],
]);
const loss = (p: Params, x: Tensor): Tensor =>
  sum(exp(tanh(add(matmul(p.w, x), reshape(p.layers[0].b, [2, 1])))));

/** The same as one tensor of six entries: what trees are held against. */
const flat = (x: Tensor) => loss(unflatten(x), batch);
const unflatten = (x: Tensor): Params => {
  const pick = (rows: number[][]) => matmul(tensor(rows), reshape(x, [6, 1]));
  const unit = (i: number) => [0, 1, 2, 3, 4, 5].map((k) => Number(k === i));
  return {
    w: reshape(pick([0, 1, 2, 3].map(unit)), [2, 2]),
    layers: [{ b: reshape(pick([4, 5].map(unit)), [2]) }],
  };
};
const flatten = (p: Params) => concat([reshape(p.w, [4]), p.layers[0].b], 0);
const point = flatten(params);
const direction: Params = {
  w: tensor([
    [1, -2],
    [0.5, 3],
  ]),
  layers: [{ b: tensor([-1, 0.25]) }],
};

test('the gradient of a tree, with a further argument', () => {
  const { value, gradient } = valueAndGrad(loss)(params, batch);
  close(flatten(gradient), grad(flat)(point), {});
  close(value, flat(point), {});
  same(flatten(grad(loss)(params, batch)), flatten(gradient));
});

test('jvp, vjp and hvp of a tree', () => {
  const f = (p: Params) => loss(p, batch);
  close(jvp(f, params, direction).dy, jvp(flat, point, flatten(direction)).dy, {});
  close(flatten(vjp(f, params).pullback(2)), vjp(flat, point).pullback(2), {});
  close(flatten(hvp(f, params, direction)), hvp(flat, point, flatten(direction)), {});
  close(
    flatten(jvp((p: Params) => grad(f)(p), params, direction).dy),
    hvp(flat, point, flatten(direction)),
    {},
  );
});

test('the Hessian of a tree has a block for each pair of tensors', () => {
  const blocks = hessian(loss)(params, batch);
  const whole = toNested(hessian(flat)(point)) as number[][];
  const part = (rows: number[], columns: number[]) => rows.map((i) => columns.map((k) => whole[i][k]));
  const [w, b] = [
    [0, 1, 2, 3],
    [4, 5],
  ];
  assert.equal(blocks.w.w.shape, [2, 2, 2, 2]);
  close(reshape(blocks.w.w, [4, 4]), tensor(part(w, w)), {});
  close(reshape(blocks.w.layers[0].b, [4, 2]), tensor(part(w, b)), {});
  close(reshape(blocks.layers[0].b.w, [2, 4]), tensor(part(b, w)), {});
  close(blocks.layers[0].b.layers[0].b, tensor(part(b, b)), {});
});

test('the Jacobian of a tree by a tree', () => {
  const f = (p: Params) => ({ a: sin(p.w), both: add(sum(p.w), p.layers[0].b) });
  const rows = jacobian(f)(params);
  assert.equal(rows.a.w.shape, [2, 2, 2, 2]);
  close(reshape(rows.a.layers[0].b, [8]), new Float64Array(8), {});
  assert.equal(toNested(rows.both.layers[0].b), [
    [1, 0],
    [0, 1],
  ]);
  close(reshape(rows.both.w, [8]), new Float64Array(8).fill(1), {});
});

test('an output that is the same tensor twice, or the input itself', () => {
  const { y, pullback } = vjp((x) => ({ a: x, b: x, c: tensor(1) }), [1, 2]);
  assert.equal(toNested(y.a), [1, 2]);
  assert.equal(toNested(pullback({ a: tensor([1, 0]), b: tensor([10, 5]), c: tensor(9) })), [11, 5]);
});

test('auxiliary values come back as they are, their tensors without a trace', () => {
  const { gradient, aux } = grad((x) => [sum(mul(x, x)), { x: mul(2, x), epoch: 3, when: new Date(0) }], {
    hasAux: true,
  })([1, 2]);
  assert.equal(toNested(gradient), [2, 4]);
  assert.equal(Array.from(aux.x.data), [2, 4]);
  assert.is(aux.epoch, 3);
  assert.instance(aux.when, Date);
  assert.equal(toNested(hessian((x) => [sum(mul(x, x)), x], { hasAux: true })([1, 2]).aux), [1, 2]);
  assert.equal(toNested(jacobian((x) => [mul(x, x), x], { hasAux: true })([1, 2]).aux), [1, 2]);
  assert.is(item(jvp((x) => [sum(x), sum(x)], [1, 2], [1, 1], { hasAux: true }).aux), 3);
  assert.is(item(vjp((x) => [sum(x), sum(x)], [1, 2], { hasAux: true }).aux), 3);
  assert.throws(
    () => grad((x) => sum(x) as unknown as [Tensor, 1], { hasAux: true })(1),
    /must return \[y, aux\]/,
  );
});

test('nested transformations of trees do not confuse their perturbations', () => {
  // d/dx (x · d/dy (x + y)) = 1
  const inner = (x: Tensor) => grad((p: { y: Tensor }) => add(x, p.y))({ y: tensor(1) }).y;
  assert.is(item(grad((x) => mul(x, inner(x)))(5)), 1);
  assert.is(item(grad((x) => mul(x, stopGradient(x)))(5)), 5);
});

test('a leaf that is no tensor is named by its path', () => {
  const wrong = { w: tensor(1), lr: 0.1 };
  assert.throws(() => grad((p: typeof wrong) => p.w)(wrong), /x\.lr is not a tensor but 0\.1/);
  const deep = { layers: [{ w: tensor(1) }, { w: null }] };
  assert.throws(() => grad((_: object) => tensor(1))(deep), /x\.layers\[1\]\.w is not a tensor but null/);
  assert.throws(() => treeLeaves({ a: new Map() }), /the tree\.a is not a tensor but a Map/);
  const round: { self?: object } = {};
  round.self = round;
  assert.throws(() => treeLeaves(round), /nested deeper than/);
});

test('trees that differ are refused by path', () => {
  const other = { w: tensor(1), layers: [] } as unknown as Params;
  assert.throws(
    () => mapTree(add, params, other),
    (error: unknown) =>
      error instanceof ShapeError && /tree 2\.layers\[0\]\.b, got nothing/.test(error.message),
  );
  assert.throws(() => jvp((p) => p.w, params, other), /dx\.layers\[0\]\.b/);
  assert.throws(() => treeOf(params, [tensor(1)]), /it has 2 tensors, got 1/);
});

test.run();
