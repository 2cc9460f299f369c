import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createAllocator } from '../../../../src/tensor/kernels/wasm/allocator.ts';
import { createRandom } from '../../../../src/tensor/random.ts';

const test = suite('allocator');

/** An allocator from 1024 on, and the largest size that its memory was asked to grow to. */
function create(most = Number.POSITIVE_INFINITY) {
  const memory = { bytes: 0 };
  const allocator = createAllocator(1024, (bytes) => {
    if (bytes > most) throw new RangeError('no more memory');
    memory.bytes = Math.max(memory.bytes, bytes);
  });
  return { ...allocator, memory };
}

test('places follow one another in steps of 64 bytes, the empty one too', () => {
  const { reserve, memory } = create();
  assert.equal(
    [reserve(1), reserve(64), reserve(65), reserve(0), reserve(10)],
    [1024, 1088, 1152, 1280, 1344],
  );
  assert.is(memory.bytes, 1408);
});

test('what is given back is given out again: the first gap that is large enough, the rest of it later', () => {
  const { reserve, release, memory } = create();
  const [a, , c] = [reserve(128), reserve(64), reserve(256), reserve(64)];
  release(a);
  release(c);
  assert.is(reserve(256), c);
  assert.is(reserve(64), a);
  assert.is(reserve(64), a + 64);
  assert.is(reserve(64), 1024 + 512);
  assert.is(memory.bytes, 1024 + 576);
});

test('gaps that touch become one, from either side', () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [0, 2, 1],
    [1, 0, 2],
  ]) {
    const { reserve, release, memory } = create();
    const places = [reserve(64), reserve(64), reserve(64), reserve(64)];
    for (const i of order) release(places[i]);
    assert.is(reserve(192), 1024, `released in the order ${order}`);
    assert.is(memory.bytes, 1024 + 256);
  }
});

test('a gap at the end is no gap: the next place begins there, whatever its size', () => {
  const { reserve, release, memory } = create();
  const [a, b] = [reserve(64), reserve(64)];
  release(b);
  assert.is(reserve(640), b);
  release(b);
  release(a);
  assert.is(reserve(1000), 1024);
  assert.is(memory.bytes, 2048);
});

test('what was not given out, or is given back twice, changes nothing', () => {
  const { reserve, release } = create();
  const [a, b] = [reserve(64), reserve(64)];
  release(a);
  release(a);
  release(7);
  assert.equal([reserve(64), reserve(64)], [a, b + 64]);
});

test('where memory does not grow the error is the memory’s own, and nothing is lost', () => {
  const { reserve, release } = create(2048);
  const a = reserve(512);
  assert.throws(() => reserve(1024), /no more memory/);
  assert.is(reserve(512), a + 512);
  release(a);
  assert.is(reserve(64), a);
});

test('places never overlap, lie within the memory, and all of it comes back', () => {
  const random = createRandom(5);
  const { reserve, release, memory } = create();
  const live = new Map<number, number>();
  for (let i = 0; i < 4000; i++) {
    if (live.size > 0 && random.uniform() < 0.48) {
      const places = [...live.keys()];
      const at = places[random.integer(places.length)];
      live.delete(at);
      release(at);
      continue;
    }
    const bytes = random.integer(random.uniform() < 0.1 ? 5000 : 300);
    const at = reserve(bytes);
    const end = at + Math.max(1, bytes);
    assert.is(at % 64, 0);
    assert.ok(at >= 1024 && end <= memory.bytes, `${at} … ${end} of ${memory.bytes}`);
    for (const [other, length] of live) {
      assert.ok(end <= other || other + length <= at, `${at} … ${end} meets ${other} … ${other + length}`);
    }
    live.set(at, Math.max(1, bytes));
  }
  for (const at of live.keys()) release(at);
  assert.is(reserve(memory.bytes - 1024), 1024);
});

test.run();
