import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planArena } from '../../../src/model/compiled/arena.ts';
import type { Buffer, Operation } from '../../../src/model/compiled/lower/values.ts';
import { createRandom } from '../../../src/tensor/random.ts';

const test = suite('arena');

const operation = (reads: readonly Buffer[], writes: readonly Buffer[]): Operation => ({
  reads,
  writes,
  work: 0,
  steps: () => [],
});

/** A chain of operations, each reading what the one before wrote. */
function chain(sizes: readonly number[]): { buffers: Buffer[]; operations: Operation[] } {
  const buffers = sizes.map((bytes) => ({ bytes }));
  const operations = buffers.map((buffer, i) => operation(i === 0 ? [] : [buffers[i - 1]], [buffer]));
  return { buffers, operations };
}

test('nothing takes nothing', () => {
  const { bytes, offsets } = planArena([]);
  assert.is(bytes, 0);
  assert.is(offsets.size, 0);
});

test('a chain needs room for its largest neighbours', () => {
  const { buffers, operations } = chain([64, 640, 128, 640, 64]);
  const { bytes, offsets } = planArena(operations);
  assert.is(bytes, 640 + 128);
  assert.is(offsets.get(buffers[1]), offsets.get(buffers[3]));
});

test('what is read again later is kept until then', () => {
  const [a, b, c, d] = [64, 64, 64, 64].map((bytes) => ({ bytes }));
  const operations = [operation([], [a]), operation([a], [b]), operation([b], [c]), operation([c, a], [d])];
  const { bytes, offsets } = planArena(operations);
  assert.is(bytes, 3 * 64);
  const place = (buffer: Buffer) => offsets.get(buffer);
  assert.is(new Set([place(a), place(b), place(c)]).size, 3);
  assert.is(place(d), place(b), 'd takes the place of b, which nothing reads any more');
});

test('what one operation reads and writes has places of its own', () => {
  const buffers = [10, 20, 30, 40].map((bytes) => ({ bytes }));
  const { offsets } = planArena([operation(buffers.slice(0, 2), buffers.slice(2))]);
  assert.is(new Set(offsets.values()).size, 4);
});

test('live buffers never overlap, and every place is a multiple of 64', () => {
  const random = createRandom(3);
  for (let round = 0; round < 200; round++) {
    const buffers = Array.from({ length: 2 + random.integer(30) }, () => ({
      bytes: 1 + random.integer(1000),
    }));
    const some = () => buffers.filter(() => random.uniform() < 3 / buffers.length);
    const operations = Array.from({ length: 1 + random.integer(30) }, () => operation(some(), some()));
    const { bytes, offsets } = planArena(operations);
    const lives = new Map<Buffer, [number, number]>();
    operations.forEach(({ reads, writes }, at) => {
      for (const buffer of [...reads, ...writes]) lives.set(buffer, [lives.get(buffer)?.[0] ?? at, at]);
    });
    assert.equal(new Set(offsets.keys()), new Set(lives.keys()));
    for (const [buffer, [first, last]] of lives) {
      const at = offsets.get(buffer) as number;
      assert.is(at % 64, 0);
      assert.ok(at >= 0 && at + buffer.bytes <= bytes);
      for (const [other, [from, to]] of lives) {
        if (other === buffer || to < first || last < from) continue;
        const there = offsets.get(other) as number;
        assert.ok(
          at + buffer.bytes <= there || there + other.bytes <= at,
          `round ${round}: ${at} meets ${there}`,
        );
      }
    }
  }
});

test.run();
