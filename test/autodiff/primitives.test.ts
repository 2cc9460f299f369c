import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkRow } from '../../src/autodiff/checkPrimitive.ts';
import { mul } from '../../src/autodiff/operations.ts';
import type { Elementwise, Primitive } from '../../src/autodiff/primitive.ts';
import { expRow } from '../../src/autodiff/primitives/exponential.ts';
import { primitives } from '../../src/autodiff/primitives/index.ts';
import { createShapeRun } from '../../src/autodiff/shapes.ts';
import { apply } from '../../src/autodiff/trace.ts';
import { tensor } from '../../src/tensor/tensor.ts';

const test = suite('primitives');

for (const row of primitives) {
  row.samples.forEach((sample, number) => {
    sample.inputs.forEach((_, which) => {
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

test('names are unique, and every row has samples and a source', () => {
  assert.is(new Set(primitives.map((row) => row.name)).size, primitives.length);
  for (const row of primitives) {
    assert.ok(row.samples.length > 0, row.name);
    assert.ok(row.source.length > 0, row.name);
  }
});

const sample = { inputs: [[0.3, -1.2]], attributes: {} };

function failures(row: Primitive): string[] {
  return checkRow(row, sample, 0).flatMap(({ what, error, allowed }) => (error <= allowed ? [] : [what]));
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
