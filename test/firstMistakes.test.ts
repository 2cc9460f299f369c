import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as core from '../src/core.ts';
import { InputError } from '../src/tensor/errors.ts';

const test = suite('first mistakes');

/** As somebody sees it whose compiler does not check. */
interface Loose {
  (...args: unknown[]): Loose;
  readonly dtype: string;
  map(f: Loose): unknown;
}

const loose = core as unknown as Readonly<Record<string, Loose>>;
const { add, conv, derivatives, diagonal, grad, hvp, item, jacobian, jet, jvp, matmul, max, mul } = loose;
const { relu, reshape, sin, softmax, sum, tensor, toNested, transpose, vjp, zeros, createModel } = loose;

function says(f: () => unknown, pattern: RegExp): void {
  assert.throws(f, (error: unknown) => {
    assert.instance(error, InputError);
    assert.match((error as Error).message, pattern);
    return true;
  });
}

test('numbers, nested arrays and typed arrays are taken where a tensor is', () => {
  assert.equal(toNested(relu([1, -2])), [1, 0]);
  assert.equal(
    toNested(
      add(
        [
          [1, 2],
          [3, 4],
        ],
        1,
      ),
    ),
    [
      [2, 3],
      [4, 5],
    ],
  );
  assert.is(item(sum([1, 2])), 3);
  assert.is(item(sin(0)), 0);
  assert.is(item(grad((x: unknown) => sum(mul(x, x)))(2)), 4);
  assert.equal(toNested(grad((x: unknown) => sum(mul(x, x)))([1, 2])), [2, 4]);
  assert.equal(toNested(grad((x: unknown) => sum(mul(x, x)))(Float32Array.of(1, 2))), [2, 4]);
  assert.equal(jet(core.exp, [0, 1, 0]).map(item), [1, 1, 0.5]);
  assert.is(add(tensor([1], [1], 'float32'), 1).dtype, 'float32');
  assert.is(add(tensor([1], [1], 'float32'), [1]).dtype, 'float32');
});

test('one axis may be a number', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  assert.equal(toNested(sum(x, 0)), [4, 6]);
  assert.equal(toNested(max(x, -1)), [2, 4]);
  says(() => sum(x, 2), /axis 2 is out of range for rank 2; use -2 … 1/);
  says(() => sum(x, 'rows'), /axes are a number or a list of numbers, got the text "rows"/);
});

test('what f returns is said, and what to do', () => {
  const f = (value: unknown) => () => value;
  says(
    () => grad(f(5))(1),
    /Cannot take grad of f: it must return a tensor, got 5; build it of operations on x/,
  );
  says(() => grad(f(undefined))(1), /got nothing; does it end in return\?/);
  says(() => grad(async () => tensor(1))(1), /got a Promise; it must not be async/);
  says(() => jvp(f('x'), 1, 1), /Cannot take jvp of f: it must return a tensor, got the text "x"/);
  says(() => vjp(f(null), 1), /got null/);
  says(() => jacobian(f({ a: 1 }))(1), /f\(x\)\.a is not a tensor but 1/);
  says(() => jet(f(5), [1]), /Cannot take a jet of f: it must return a tensor, got 5/);
  says(() => derivatives(f(5), 1), /must return a tensor, got 5/);
  says(() => hvp(f(5), 1, 1), /must return a tensor, got 5/);
  says(() => grad(5), /Cannot take grad: f must be a function, got 5/);
});

test('diagonal has what was asked for, and says what is wrong', () => {
  const two = core.diagonal((a) => core.exp(core.sum(a)), [0, 0], { order: 2 });
  assert.equal(
    Object.keys(two).filter((name) => /^d\d$/.test(name)),
    ['d1', 'd2'],
  );
  assert.is(two.derivatives.length, 2);
  const flat = core.diagonal(() => zeros([]) as never, [0, 0], { order: 1 });
  assert.not.ok('d2' in flat);
  says(() => diagonal(5, [1]), /Cannot take diagonal: f must be a function, got 5/);
  says(() => diagonal(() => 5, [1]), /Cannot take diagonal of f: it must return a tensor, got 5/);
  says(() => diagonal(sum, [1], { orders: 2 }), /no option "orders"; did you mean "order"\?/);
  says(() => diagonal(sum, [1], { score: {} }), /value of the score must be a function, got nothing/);
  says(() => diagonal(sum, 'x'), /a tensor is wanted, got the text "x"/);
});

test('operators on tensors are refused, in a function that is differentiated, too', () => {
  const x = tensor([1, 2]) as unknown as number;
  says(() => x * x, /by \+, −, \*, \/ or <: use add, sub, mul, div or less, such as mul\(x, y\)/);
  says(() => grad((y: number) => y * y)(1), /use add, sub, mul, div/);
  says(() => x + 1, /use add/);
  says(() => x < 1, /or less/);
});

test('matrices and shapes', () => {
  says(
    () => matmul(2, [3, 4]),
    /matrices \[\.\.\., n, k\] and \[\.\.\., k, m\] or vectors \[k\] are wanted, got \[\] and \[2\]; use mul/,
  );
  says(() => matmul([1, 2], [3, 4, 5]), /inner lengths must agree, got \[2\] and \[3\]/);
  says(
    () => matmul([[1, 2]], [3, 4], { right: true }),
    /the right one is a vector, \[2\], which has no transpose/,
  );
  says(() => matmul([[1, 2]], [[3, 4]]), /inner lengths must agree, got \[1, 2\] and \[1, 2\]/);
  says(() => reshape([1, 2], 2), /a shape is a list of lengths, such as \[2, -1\], got 2/);
  says(() => zeros(3), /a shape is a list of lengths, such as \[2, 3\], got 3/);
  says(() => zeros([2, 1.5]), /whole numbers from 0, got 1\.5 on axis 1/);
  says(() => zeros([1e9, 1e9]), /there is no room/);
  says(() => transpose([[1, 2]], 1), /the order is a list of axes, such as \[1, 0\], got 1/);
  says(() => softmax(3), /axis -1 is out of range for rank 0; a scalar has no axes/);
});

test('options that do not exist are refused by name', () => {
  says(
    () => sum([1], 0, { keepDimension: true }),
    /no option "keepDimension"; did you mean "keepDimensions"\?/,
  );
  says(() => sum([1], 0, { keepDimensions: 1 }), /keepDimensions must be true or false, got 1/);
  says(() => sum([1], 0, true), /options are a record, such as \{ keepDimensions: … \}, got true/);
  says(() => derivatives(sin, 1, { orders: 2 }), /did you mean "order"\?/);
  says(() => conv(zeros([1, 1, 3, 3]), zeros([1, 1, 2, 2]), { stride: [2, 2] }), /did you mean "strides"\?/);
  says(
    () => conv(zeros([1, 1, 3, 3]), zeros([1, 1, 2, 2]), { strides: 2 }),
    /strides must be a list of numbers, got 2/,
  );
  says(() => matmul([[1]], [[1]], { lefft: true }), /did you mean "left"\?/);
});

test('explain says what is wrong with what it is given', async () => {
  const said = async (...args: unknown[]) => {
    try {
      await loose.explain(...args);
    } catch (error) {
      assert.instance(error, InputError);
      return (error as Error).message;
    }
    return 'nothing';
  };
  assert.match(await said('model.onnx', [1]), /the model must be a record, got the text "model\.onnx"/);
  const model = { findLayer: () => 'a', split: () => undefined };
  const image = zeros([3, 2, 2]);
  assert.match(
    await said(model, image, { methods: 'gradcam' }),
    /methods must be a list of texts, such as \['name'\], got the text "gradcam"/,
  );
  assert.match(
    await said(model, image, { method: ['gradcam'] }),
    /no option "method"; did you mean "methods"\?/,
  );
  says(
    () => core.customScore(() => 5 as never).value(zeros([2]) as never),
    /Cannot take the score of f: it must return a tensor, got 5/,
  );
  says(() => createModel(3), /model data must be a record, got 3/);
});

test.run();
