import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createScene,
  SCENE_SIZE,
  type Scene,
  type SceneBox,
  sceneClasses,
} from '../../../src/evaluate/scenes/index.ts';

const test = suite('scene');
const plane = SCENE_SIZE ** 2;
const some = Array.from({ length: 24 }, (_, seed) => createScene(seed));

function hashOf(scenes: readonly Scene[]): string {
  const hash = createHash('sha256');
  for (const { pixels, occurrences, without } of scenes) {
    hash.update(pixels);
    for (const { mask } of occurrences) hash.update(mask);
    hash.update(without(0));
  }
  return hash.digest('hex').slice(0, 32);
}

/** A box grown by a quarter and three pixels on each side: shadows reach no farther. */
function isNear({ x0, y0, x1, y1 }: SceneBox, at: number): boolean {
  const [x, y] = [at % SCENE_SIZE, Math.floor(at / SCENE_SIZE)];
  const [across, down] = [(x1 - x0) / 4 + 3, (y1 - y0) / 4 + 3];
  return x >= x0 - across && x < x1 + across && y >= y0 - down && y < y1 + down;
}

test('pinned bits: other scenes would be another measurement', () => {
  assert.is(hashOf(some.slice(0, 8)), 'e3241cc7a630889314513f524c93a930');
});

test('classes and counts are drawn, or as they are asked', () => {
  assert.ok(sceneClasses.length >= 10);
  const many = Array.from({ length: 200 }, (_, seed) => createScene(seed));
  assert.is(new Set(many.map(({ classIndex }) => classIndex)).size, sceneClasses.length);
  assert.equal([...new Set(many.map(({ occurrences }) => occurrences.length))].sort(), [1, 2, 3, 4]);
  for (const count of [1, 2, 3, 4]) {
    const { classIndex, occurrences } = createScene(5, { classIndex: 3, count });
    assert.equal([classIndex, occurrences.length], [3, count]);
  }
});

test('the class changes nothing but the shapes: ground, colours and places are drawn apart from it', () => {
  const [a, b] = [0, 7].map((classIndex) => createScene(11, { classIndex, count: 1 }));
  const [bare, other] = [a.without(0), b.without(0)];
  assert.equal(bare, other);
});

test('masks are whole, apart from each other, and their boxes are tight', () => {
  for (const { occurrences } of some) {
    const covered = new Uint8Array(plane);
    for (const { mask, box } of occurrences) {
      const found = { x0: SCENE_SIZE, y0: SCENE_SIZE, x1: 0, y1: 0 };
      let area = 0;
      for (let at = 0; at < plane; at++) {
        if (mask[at] === 0) continue;
        const [x, y] = [at % SCENE_SIZE, Math.floor(at / SCENE_SIZE)];
        found.x0 = Math.min(found.x0, x);
        found.y0 = Math.min(found.y0, y);
        found.x1 = Math.max(found.x1, x + 1);
        found.y1 = Math.max(found.y1, y + 1);
        assert.is(covered[at], 0);
        covered[at] = 1;
        area++;
      }
      assert.equal(box, found);
      assert.ok(area >= 40, `${area} pixels`);
      // All of it lies in the picture.
      assert.ok(box.x0 > 0 && box.y0 > 0 && box.x1 < SCENE_SIZE && box.y1 < SCENE_SIZE);
    }
  }
});

test('an occurrence that is taken out leaves every pixel that it and its shadow do not touch', () => {
  for (const { pixels, occurrences, without } of some) {
    for (const [i, { mask, box }] of occurrences.entries()) {
      const left = without(i);
      let inside = 0;
      for (let at = 0; at < 3 * plane; at++) {
        if (left[at] === pixels[at]) continue;
        if (mask[at % plane] === 1) inside++;
        else assert.ok(isNear(box, at % plane), `pixel ${at % plane}`);
        for (const [j, other] of occurrences.entries()) assert.ok(j === i || other.mask[at % plane] === 0);
      }
      const area = mask.reduce((sum, one) => sum + one, 0);
      assert.ok(inside > 2.4 * area, 'what was there looks different from what is behind it');
    }
  }
});

test('taking out the only occurrence, or one after another, ends at the same ground', () => {
  const scene = createScene(3, { count: 1 });
  assert.not.equal(scene.without(0), scene.pixels);
  assert.equal(scene.without(0), createScene(3, { count: 1 }).without(0));
});

test('a class, a count or an occurrence that there is not is refused', () => {
  assert.throws(
    () => createScene(1, { classIndex: 12 }),
    /classIndex must be a whole number from 0 to 11, got 12$/,
  );
  assert.throws(() => createScene(1, { count: 5 }), /count must be a whole number from 1 to 4, got 5$/);
  assert.throws(() => createScene(1, { count: 1.5 }), /got 1\.5$/);
  assert.throws(() => createScene('1' as unknown as number), /the seed/);
  assert.throws(() => createScene(1, { count: 2 }).without(2), /it has those from 0 to 1, got 2$/);
});

test.run();
