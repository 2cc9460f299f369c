import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sumAxes } from '../../../../src/tensor/kernels/reference/reduce.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import type { Tensor } from '../../../../src/tensor/tensor.ts';

const test = suite('reduce');

/** The definition: each entry is added to its sum, in row-major order, in float64. */
function summed({ data, shape, stride }: Tensor, axes: readonly number[]): number[] {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const sums = new Array<number>(kept.reduce((a, b) => a * b, 1)).fill(0);
  for (let at = 0; at < data.length; at++) {
    let to = 0;
    for (const [axis, length] of kept.entries()) {
      to = to * length + (Math.floor(at / stride[axis]) % shape[axis]) * (length === 1 ? 0 : 1);
    }
    sums[to] += data[at];
  }
  return sums;
}

test('sums over all sets of axes are those of the definition, to the bit', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    const x = createRandom(1).normals([3, 2, 4, 5], dtype);
    for (let set = 0; set < 16; set++) {
      const axes = [0, 1, 2, 3].filter((axis) => (set >> axis) % 2 === 1);
      const wanted = summed(x, axes);
      const got = sumAxes(x, axes);
      const rounded = dtype === 'float32' ? wanted.map(Math.fround) : wanted;
      assert.equal(Array.from(got.data), rounded, `${axes.join()} of ${dtype}`);
    }
  }
});

test('an empty axis sums to zeros, a number to itself', () => {
  const empty = createRandom(1).normals([2, 0]);
  assert.equal(Array.from(sumAxes(empty, [1]).data), [0, 0]);
  assert.equal(sumAxes(empty, [0]).shape, [1, 0]);
  const number = createRandom(1).normals([]);
  assert.equal(Array.from(sumAxes(number, []).data), Array.from(number.data));
});

test.run();
