import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { apartOf, overlapOf, pairOf, type Way } from '../../scripts/experiments/apart.ts';
import { createClock } from '../../scripts/experiments/clock.ts';
import { derivativePairs } from '../../scripts/experiments/derivatives.ts';
import { loadModel } from '../../src/node.ts';
import { close } from '../support/check.ts';

const test = suite('derivatives of the experiments');

const way = (weights: number[], map: number[], focc = 0.5, flipped?: number): Way => ({
  ...{ weights, map, focc, flipped },
});

test('overlap of what lies above half of each maximum', () => {
  assert.is(overlapOf([4, 2, 1, 0], [0, 3, 3, 0]), 1 / 3);
  assert.is(overlapOf([0, 0], [0, 0]), 1);
  assert.is(overlapOf([0, 0], [1, 0]), 0);
});

test('two ways on a scene', () => {
  const pair = pairOf('t', [way([1, 2, 3], [1, 0], 0.75, 0.25), way([3, 2, 1], [0, 0], 0)]);
  close(pair.correlation, -1, {});
  assert.equal([pair.overlap, pair.top, pair.flipped], [0, 1, 0.25]);
  assert.equal(
    [pair.void, pair.focc],
    [
      [false, true],
      [0.75, 0],
    ],
  );
  const blown = pairOf('t', [way([1], [Number.NaN, 1]), way([1], [1, Number.POSITIVE_INFINITY])]);
  assert.equal(blown.void, [true, true]);
});

test('of nine feature maps, eight are looked at', () => {
  const up = [9, 8, 7, 6, 5, 4, 3, 2, 1];
  const pair = pairOf('t', [way(up, [1]), way([...up].reverse(), [1])]);
  assert.is(pair.top, 7 / 8);
});

test('means over scenes, as text goes through a file; a refusal is a line of its own', () => {
  const scene = (a: number, b: number) => [
    pairOf('t', [way([1, 2], [a, 0], a, 0.5), way([2, 1], [b, 0], b)]),
    { title: 'r', refused: 'no curvature' },
  ];
  const [found, refused] = apartOf(JSON.parse(JSON.stringify([scene(1, 0), scene(0.5, 0.25)])));
  assert.equal(refused, { title: 'r', refused: 'no curvature' });
  if ('refused' in found) return assert.unreachable();
  close(found.correlation, -1, {});
  assert.equal([found.count, found.overlap, found.flipped], [2, 0.5, 0.5]);
  assert.equal(found.empty, [0, 1]);
  assert.equal([found.gain.mean, found.gain.above], [0.625, 2]);
});

test('a piecewise-linear head: exp has the powers for its derivatives, logit is refused, another order is told', async () => {
  const model = await loadModel('weights/scenes-vgg.json');
  const pairs = await derivativePairs(model, 12, { samples: 1, sigma: 0.05 });
  const of = (start: string) => pairs.find(({ title }) => title.startsWith(start));
  const exp = of('derivatives of exp') ?? assert.unreachable();
  assert.ok(exp !== undefined && 'overlap' in exp && exp.overlap === 1 && exp.correlation > 1 - 1e-9);
  assert.ok('refused' in (of('derivatives of logit') ?? {}));
  const control = of('control');
  assert.ok(control !== undefined && 'overlap' in control && control.correlation < 0.9);
  // One noisy input: its weight cancels
  const alike = of('noisy inputs weighed');
  assert.ok(alike !== undefined && 'overlap' in alike && alike.overlap === 1);
});

test('a clock adds up what runs took, and nothing for what was there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'jetgrad-clock-'));
  try {
    await createClock(folder).during('part', async () => ({ didAnything: true }));
    const { part } = createClock(folder).seconds;
    assert.ok(part > 0);
    const again = createClock(folder);
    await again.during('part', async () => ({ didAnything: false }));
    assert.is(createClock(folder).seconds.part, part);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
