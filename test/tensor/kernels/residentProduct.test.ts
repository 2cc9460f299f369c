import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { setThreads } from '../../../src/node.ts';
import { newDevice, setBackend } from '../../../src/tensor/kernels/backend.ts';
import { multiplyResident } from '../../../src/tensor/kernels/residentProduct.ts';
import { threadCount } from '../../../src/tensor/kernels/wasm/threads.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { same } from '../../support/check.ts';

const test = suite('products with weights in place');
const random = createRandom(5);
const device = newDevice();

/** Σ_k x[i, k] w[k, j], the depth in order: the definition. */
function plain(
  x: Float64Array,
  w: Float32Array,
  [rows, depth, columns]: readonly number[],
  transposed: boolean,
) {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < depth; k++) {
        out[i * columns + j] += x[i * depth + k] * w[transposed ? j * depth + k : k * columns + j];
      }
    }
  }
  return out;
}

// Few and many rows, whole tiles and remainders, depths of several slices, columns of several chunks.
const sizes = [
  [1, 5, 3],
  [1, 700, 1030],
  [2, 9, 11],
  [3, 130, 67],
  [4, 64, 64],
  [7, 1025, 70],
  [9, 70, 1500],
  [3, 40, 318],
  [2, 33, 1092],
  [1030, 6, 5],
] as const;

for (const threads of [1, 2]) {
  for (const size of sizes) {
    for (const transposed of [false, true]) {
      test(`${size.join(' × ')}${transposed ? ', transposed' : ''}: the bits of the definition, ${threads} threads`, () => {
        assert.ok(device);
        const before = threadCount();
        setThreads(threads);
        try {
          const [rows, depth, columns] = size;
          const x = Float64Array.from({ length: rows * depth }, (_, i) =>
            // Depths at which every row is 0 are left out of the product.
            (i % depth) % 3 === 1 || random.uniform() < 0.2 ? 0 : random.normal(),
          );
          const w = device.float32(device.reserve(depth * columns * 4), depth * columns);
          for (let i = 0; i < w.length; i++) w[i] = random.normal();
          const out = new Float64Array(rows * columns + 2).fill(7);
          const taken = multiplyResident(
            out,
            1,
            [
              { data: x, offset: 0, rowStride: depth, columnStride: 1 },
              {
                data: w,
                offset: 0,
                rowStride: transposed ? 1 : columns,
                columnStride: transposed ? depth : 1,
              },
            ],
            size,
          );
          assert.is(taken, true);
          same(out.slice(1, -1), plain(x, Float32Array.from(w), size, transposed));
          assert.equal([out[0], out.at(-1)], [7, 7]);
          device.release(w.byteOffset);
        } finally {
          setThreads(before);
        }
      });
    }
  }
}

test('chunks of columns do not meet, whichever thread is the last', () => {
  assert.ok(device);
  const before = threadCount();
  setThreads(3);
  try {
    const size = [3, 64, 318] as const;
    const [rows, depth, columns] = size;
    const x = Float64Array.from({ length: rows * depth }, () => random.normal());
    const w = device.float32(device.reserve(depth * columns * 4), depth * columns);
    for (let i = 0; i < w.length; i++) w[i] = random.normal();
    const wanted = plain(x, Float32Array.from(w), size, true);
    const factors = [
      { data: x, offset: 0, rowStride: depth, columnStride: 1 },
      { data: w, offset: 0, rowStride: 1, columnStride: depth },
    ] as const;
    for (let times = 0; times < 300; times++) {
      const out = new Float64Array(rows * columns);
      multiplyResident(out, 0, factors, size);
      same(out, wanted, `run ${times}`);
    }
  } finally {
    setThreads(before);
  }
});

test('where the reference computes, it computes here too', () => {
  assert.ok(device);
  const w = device.float32(device.reserve(4), 1).fill(1);
  const one = { data: w, offset: 0, rowStride: 1, columnStride: 1 };
  const out = new Float64Array(1);
  setBackend('reference');
  try {
    assert.is(multiplyResident(out, 0, [one, one], [1, 1, 1]), false);
  } finally {
    setBackend('wasm');
  }
  assert.is(multiplyResident(out, 0, [one, one], [1, 1, 1]), true);
});

test('weights elsewhere are left to others', () => {
  const out = new Float64Array(1);
  const one = { data: new Float64Array(1), offset: 0, rowStride: 1, columnStride: 1 };
  assert.is(multiplyResident(out, 0, [one, { ...one, data: new Float32Array(1) }], [1, 1, 1]), false);
});

test.run();
