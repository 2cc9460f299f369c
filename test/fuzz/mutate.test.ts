import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom } from '../../src/tensor/random.ts';
import { mutateBytes, mutateText } from '../support/fuzz/mutate.ts';
import { jsonOf, mutateTree, type Tree } from '../support/fuzz/mutateTree.ts';

const test = suite('damage');

const TRIES = 2000;
const bytes = Uint8Array.from({ length: 40 }, (_, i) => i);
const tree: Tree = { name: 'a', shape: [1, 3, 'N'], deep: { list: [{ x: 1.5 }, null, true] }, empty: [] };

/** What `make` gives for so many random numbers: the same for the same ones, and mostly new. */
function check(make: (stream: number) => string, share: number): string[] {
  const made = Array.from({ length: TRIES }, (_, i) => make(i));
  for (let i = 0; i < 50; i++) assert.is(make(i), made[i]);
  const { size } = new Set(made);
  assert.ok(size > share * TRIES, `${size} of ${TRIES} differ`);
  return made;
}

test('bytes: flipped, cut, longer, spliced; the seed stays', () => {
  const other = new Uint8Array(8).fill(200);
  const texts = check((i) => mutateBytes(createRandom(0, i), bytes, other).join(), 0.8);
  const made = texts.map((text) => (text === '' ? [] : text.split(',').map(Number)));
  assert.equal(
    [...bytes],
    Array.from({ length: 40 }, (_, i) => i),
  );
  assert.ok(made.some(({ length }) => length < 40));
  assert.ok(made.some(({ length }) => length > 40));
  assert.ok(made.some((each) => each.length === 40 && each.some((byte, i) => byte !== i)));
  assert.ok(made.some((each) => each.filter((byte) => byte === 200).length > 4));
});

test('no bytes at all can be damaged too', () => {
  check((i) => mutateBytes(createRandom(1, i), new Uint8Array()).join(), 0.1);
});

test('texts: numbers to odd ones, words doubled, left out, very long; never beyond a few hundred thousand letters', () => {
  const made = check((i) => mutateText(createRandom(2, i), 'region 0,0,7,14\n'), 0.5);
  assert.ok(made.some((text) => text.includes('4294967296')));
  assert.ok(made.some((text) => text.length > 20_000));
  assert.ok(made.every((text) => text.length < 1_000_000));
  assert.type(mutateText(createRandom(2), ''), 'string');
});

test('trees: values, keys, lengths and kinds change at every depth; the seed stays', () => {
  const before = JSON.stringify(tree);
  const texts = check((i) => jsonOf(mutateTree(createRandom(3, i), tree)), 0.4);
  assert.is(JSON.stringify(tree), before);
  assert.ok(texts.some((text) => text.includes('__proto__')));
  assert.ok(texts.some((text) => text.length > 2000));
  assert.ok(texts.some((text) => !text.includes('"deep"')));
  assert.ok(texts.some((text) => text.includes('"deep"') && !text.includes('1.5')));
});

test('what has been repeated is repeated again only as far as there is room', () => {
  let size = 0;
  for (let stream = 0; stream < 100; stream++) {
    const random = createRandom(6, stream);
    let grown: Tree = [1, [2, 3]];
    for (let i = 0; i < 50; i++) grown = mutateTree(random, grown);
    size = Math.max(size, jsonOf(grown).length);
  }
  assert.ok(size > 5000 && size < 5e6, `${size} letters`);
});

test('JSON of a tree: as JSON.stringify has it, at any depth, and with numbers beyond the largest', () => {
  for (const value of [tree, [], {}, 'a"\n', null, [[], {}], { a: { b: [] } }, -1.5]) {
    assert.is(jsonOf(value), JSON.stringify(value));
  }
  let deep: Tree = 1;
  for (let i = 0; i < 100_000; i++) deep = i % 2 === 0 ? [deep] : { a: deep };
  assert.is(jsonOf(deep).length, 1 + 50_000 * 2 + 50_000 * 6);
  const huge = jsonOf([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e300]);
  assert.equal(JSON.parse(huge), [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, 1e300]);
});

test.run();
