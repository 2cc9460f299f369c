import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { allocate, ownArray, withSlabs } from '../../src/tensor/arrays.ts';

const test = suite('arrays');

const isShared = (data: Float64Array | Float32Array) => data.buffer.byteLength !== data.byteLength;

test('small arrays share a slab while a transformation runs, and have memory of their own otherwise', () => {
  assert.not.ok(isShared(allocate(3, 'float64')));
  const [a, b, large] = withSlabs(() => [
    allocate(3, 'float64'),
    withSlabs(() => allocate(5, 'float32')),
    allocate(1000, 'float64'),
  ]);
  assert.ok(isShared(a) && a.buffer === b.buffer);
  assert.not.ok(isShared(large));
  assert.not.ok(isShared(allocate(3, 'float64')));
});

test('arrays of a slab are zeros, and do not overlap', () => {
  withSlabs(() => {
    for (let round = 0; round < 3000; round++) {
      const [odd, doubles] = [allocate(1 + (round % 7), 'float32'), allocate(1 + (round % 11), 'float64')];
      assert.ok(odd.every((value) => value === 0) && doubles.every((value) => value === 0));
      doubles.fill(2);
      odd.fill(1);
      assert.ok(odd.every((value) => value === 1) && doubles.every((value) => value === 2));
    }
  });
});

test('an error ends it', () => {
  assert.throws(
    () =>
      withSlabs(() => {
        throw new Error('no');
      }),
    /no/,
  );
  assert.not.ok(isShared(allocate(3, 'float64')));
});

test('an array is copied out of a slab, any other is given back', () => {
  const shared = withSlabs(() => allocate(3, 'float64').fill(7));
  assert.not.ok(isShared(ownArray(shared)));
  assert.equal([...ownArray(shared)], [7, 7, 7]);
  const view = new Float64Array(8).subarray(2, 4);
  assert.is(ownArray(view), view);
});

test('a slab that someone gave to another thread is replaced', () => {
  const { buffer } = withSlabs(() => allocate(3, 'float64'));
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  const next = withSlabs(() => allocate(3, 'float64'));
  assert.is(next.length, 3);
});

test.run();
