import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRow, wrongValue } from '../../src/autodiff/checkPrimitive.ts';
import * as operations from '../../src/autodiff/operations.ts';
import { mul } from '../../src/autodiff/operations.ts';
import type { Elementwise, Primitive } from '../../src/autodiff/primitive.ts';
import { expRow } from '../../src/autodiff/primitives/exponential.ts';
import { createShapeRun } from '../../src/autodiff/shapes.ts';
import { apply } from '../../src/autodiff/trace.ts';
import { fromData, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { same } from '../support/check.ts';
import { primitives } from '../support/primitives.ts';

const test = suite('primitives');

for (const row of primitives) {
  row.samples.forEach((sample, number) => {
    test(`${row.name}, sample ${number}: its values are the true ones`, () => {
      assert.ok(sample.output !== undefined, 'no values are given: a sample of ours has its output');
      assert.is(wrongValue(row, sample), undefined);
    });
    sample.inputs.forEach((_, which) => {
      if (sample.valuesOnly) return;
      test(`${row.name}, sample ${number}, input ${which}: all modes agree`, () => {
        for (const { what, error, allowed } of checkRow(row, sample, which)) {
          assert.ok(error <= allowed, `${what}: error ${error}, allowed ${allowed}`);
        }
      });
    });
    test(`${row.name}, sample ${number}: its shape is told without values`, () => {
      const run = createShapeRun();
      const inputs = sample.inputs.map((values) => tensor(values));
      const wanted = apply(row, inputs, sample.attributes).shape;
      const got = apply(
        row,
        inputs.map((x) => run.input(x.shape)),
        sample.attributes,
      ).shape;
      assert.equal([...got], [...wanted]);
    });
  });
}

test('every row has its operation, which applies it', () => {
  for (const row of primitives) {
    if (row.operation === false) continue;
    const name = row.operation ?? row.name;
    const operation = (operations as Record<string, unknown>)[name];
    assert.type(operation, 'function', `${row.name}: operations have no ${name}`);
    const [sample] = row.samples;
    const takesOnlyTensors = Object.values(sample.attributes as object).every((each) => each === 0);
    if (!takesOnlyTensors || row.operation !== undefined) continue;
    const inputs = sample.inputs.map((values) => tensor(values));
    const y = (operation as (...xs: Tensor[]) => Tensor)(...inputs);
    same(y, apply(row, inputs, sample.attributes), name);
  }
});

test('names are unique, and every row has samples and a source', () => {
  assert.is(new Set(primitives.map((row) => row.name)).size, primitives.length);
  for (const row of primitives) {
    assert.ok(row.samples.length > 0, row.name);
    assert.ok(row.source.length > 0, row.name);
  }
});

const sample = { inputs: [[0.3, -1.2]], attributes: {}, output: [1.3498588075760032, 0.30119421191220214] };

function failures(row: Primitive): string[] {
  return checkRow(row, sample, 0).flatMap(({ what, error, allowed }) => (error <= allowed ? [] : [what]));
}

test('a value that is wrong by 1e-12 is caught, however small it is', () => {
  for (const row of primitives) {
    const wrong = {
      ...row,
      forward: (xs: readonly Tensor[], attributes: unknown) => off(row.forward(xs, attributes)),
    };
    const caught = row.samples.some((each) => wrongValue(wrong as Primitive, each) !== undefined);
    assert.ok(caught, row.name);
  }
});

/** Every entry a little larger: the smallest by as much as the largest, in proportion. */
function off(y: Tensor): Tensor {
  return fromData(
    y.data.map((value) => value * (1 + 1e-12)),
    y.shape,
  );
}

test('a wrong derivative is caught', () => {
  const wrong: Elementwise = { ...expRow, derivatives: [(_, y) => mul(1.001, y)] };
  assert.ok(failures(wrong).includes('jvp and differences'));
  assert.ok(failures(wrong).includes('jet 1 and jvp'));
});

test('a wrong Taylor recurrence is caught', () => {
  const wrong: Elementwise = {
    ...expRow,
    taylor: ([x], y) => [y, x[1] && mul(x[1], y), x[1] && mul(x[1], y), undefined],
  };
  assert.equal(failures(wrong).slice(0, 1), ['jet 2 and jvp of jvp']);
});

test('a wrong transpose is caught', () => {
  const wrong: Primitive = {
    name: 'double',
    kind: 'linear',
    forward: ([x]) => mul(2, x),
    transpose: (g) => mul(3, g),
    samples: [sample],
    source: 'planted',
  };
  assert.ok(failures(wrong).includes('vjp and jvp'));
});

test.run();
