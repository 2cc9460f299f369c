import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  add,
  concat,
  matmul,
  mul,
  relu,
  reshape,
  sum,
  take,
  takeAt,
  transpose,
} from '../../../src/autodiff/operations.ts';
import { layoutOf, placedAs } from '../../../src/autodiff/places/layout.ts';
import type { Placement, Places } from '../../../src/autodiff/places/placement.ts';
import { axisPathOf, createPlacesRun, type Placed } from '../../../src/autodiff/places/placesRun.ts';
import { reachedBefore } from '../../../src/autodiff/places/reach.ts';
import { stridesOf } from '../../../src/autodiff/places/spread.ts';
import type { AxisPath } from '../../../src/autodiff/primitive.ts';
import { grad } from '../../../src/autodiff/reverse.ts';
import { apply } from '../../../src/autodiff/trace.ts';
import { createRandom, type Random } from '../../../src/tensor/random.ts';
import { type Shape, sizeOf } from '../../../src/tensor/shape.ts';
import { contiguous, fromData, full, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { primitives } from '../../support/primitives.ts';

const test = suite('places');

test('every primitive whose output has a shape of its own says what becomes of the axes', () => {
  for (const row of primitives) {
    if (row.shape !== undefined)
      assert.type(row.axes, 'function', `${row.name} does not say it: give it axes`);
  }
});

/** Entries of input `which` that the outputs show to matter, beyond those that a path says: none where it is right. */
function unsaid(path: AxisPath, f: (xs: readonly Tensor[]) => Tensor, xs: readonly Tensor[]): string[] {
  const y = contiguous(f(xs)).data;
  const output = f(xs).shape;
  const shapes = xs.map((x) => x.shape);
  const strides = stridesOf(output);
  return xs.flatMap((x, which) =>
    Array.from({ length: x.data.length }, (_, entry) => entry).flatMap((entry) => {
      const moved = fromData(Float64Array.from(contiguous(x).data), x.shape);
      moved.data[entry] += 0.37;
      const z = contiguous(f(xs.map((each, i) => (i === which ? moved : each)))).data;
      return Array.from(z).flatMap((value, at) => {
        if (Object.is(value, y[at])) return [];
        const mask = output.map((length, axis) => {
          const one = new Uint8Array(length);
          one[Math.floor(at / strides[axis]) % length] = 1;
          return one;
        });
        const reached = reachedBefore(path, mask, { which, shapes, output });
        const own = stridesOf(x.shape);
        const isSaid = reached.every(
          (part, axis) => part === undefined || part[Math.floor(entry / own[axis]) % x.shape[axis]] === 1,
        );
        return isSaid ? [] : [`output ${at} depends on entry ${entry} of input ${which}`];
      });
    }),
  );
}

test('what a primitive depends on is among what its axes say', () => {
  for (const row of primitives) {
    for (const { inputs, attributes } of row.samples) {
      const xs = inputs.map((values) => tensor(values));
      const f = (given: readonly Tensor[]) => apply(row, given, attributes);
      assert.equal(unsaid(axisPathOf(row, attributes), f, xs), [], row.name);
    }
  }
});

test('a primitive that says of its axes what is wrong is caught', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const total = ([each]: readonly Tensor[]) => sum(each, -1, { keepDimensions: true });
  assert.equal(unsaid({ kind: 'reduced', axes: [-1] }, total, [x]), []);
  assert.is(unsaid({ kind: 'reduced', axes: [-2] }, total, [x]).length > 0, true);
});

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];

/** Shapes of one size. */
function otherShape(random: Random, size: number): number[] {
  const shape: number[] = [];
  for (let rest = size; rest > 1; ) {
    const factors = Array.from({ length: rest }, (_, i) => i + 1).filter(
      (each) => each > 1 && rest % each === 0,
    );
    const next = pick(random, factors);
    shape.push(next);
    rest /= next;
  }
  return shape.length === 0 ? [1] : shape;
}

type Move = (x: Tensor) => Tensor;

/** A move of entries that fits a tensor of this shape. */
function randomMove(random: Random, shape: Shape): Move {
  const axis = Math.floor(random.uniform() * shape.length);
  const size = sizeOf(shape);
  const slice = (x: Tensor, from: number, to: number, step = 1) => {
    const stride = stridesOf(shape);
    const length = Math.max(1, Math.ceil((to - from) / step));
    return take(x, {
      shape: shape.map((own, i) => (i === axis ? length : own)),
      stride: stride.map((own, i) => (i === axis ? own * step : own)),
      offset: from * stride[axis],
    });
  };
  const cut = Math.floor(random.uniform() * shape[axis]);
  const index = Int32Array.from({ length: size }, () => Math.floor(random.uniform() * size));
  const next = otherShape(random, size);
  const isScrambled = random.uniform() < 0.1;
  const order = shape.map((_, i) => i).sort(() => random.uniform() - 0.5);
  return pick<Move>(random, [
    (x) => reshape(x, next),
    (x) => reshape(x, next),
    (x) => transpose(x, order),
    (x) => transpose(x, order),
    (x) => (cut === 0 ? x : concat([slice(x, cut, shape[axis]), slice(x, 0, cut)], axis)),
    (x) => slice(x, cut, shape[axis]),
    (x) => slice(x, 0, shape[axis], 2),
    (x) =>
      concat(
        [
          full(
            shape.map((own, i) => (i === axis ? 1 : own)),
            Number.NaN,
          ),
          x,
        ],
        axis,
      ),
    (x) => mul(x, full([1], 1)),
    (x) => (isScrambled ? takeAt(x, index, shape) : x),
  ]);
}

/** What each entry's place is by the steps of a placement. */
function valuesOf(placement: Placement, role: 'y' | 'x', shape: Shape): number[] {
  const strides = stridesOf(shape);
  return Array.from({ length: sizeOf(shape) }, (_, p) =>
    placement.reduce(
      (sum, steps, axis) => sum + (steps?.[role][Math.floor(p / strides[axis]) % shape[axis]] ?? 0),
      0,
    ),
  );
}

const known = (places: Places): readonly Placement[] => (places === 'lost' ? [] : places);

/** Values of the entries that come from the picture, but for a common shift, which is where a grid begins, and the turns of a roll. */
function fromFirst(values: ArrayLike<number>, labels: ArrayLike<number>, period = 1e6): number[] {
  const list = Array.from(values).filter((_, i) => !Number.isNaN(labels[i]));
  return list.map((value) => (value - list[0] + period) % period);
}

/** The length of a side that was rolled. */
const periodOf = (placement: Placement, role: 'y' | 'x'): number | undefined =>
  placement.find((steps) => steps?.period?.[role] !== undefined)?.period?.[role];

test('places go where the entries go, through random reshapes, permutations, rolls, slices, and tokens before them', () => {
  const random = createRandom(11);
  let followed = 0;
  for (let round = 0; round < 400; round++) {
    const image = [1, 2, 4, 6];
    const run = createPlacesRun();
    let placed = run.place(image, [placedAs('NCHW', image)]);
    const labels = (of: (y: number, x: number) => number) =>
      fromData(
        Float64Array.from({ length: sizeOf(image) }, (_, p) => of(Math.floor(p / 6) % 4, p % 6)),
        image,
      );
    let [y, x] = [labels((row) => row), labels((_, column) => column)];
    for (let step = 0; step < 6; step++) {
      const move = randomMove(random, placed.shape);
      [placed, y, x] = [move(placed), move(y), move(x)];
    }
    const { places, shape } = run.knownOf(placed) as Placed;
    for (const way of known(places)) {
      const [rows, columns] = [y, x].map((each) => contiguous(each).data);
      const [tall, wide] = [periodOf(way, 'y'), periodOf(way, 'x')];
      assert.equal(fromFirst(valuesOf(way, 'y', shape), rows, tall), fromFirst(rows, rows, tall));
      assert.equal(fromFirst(valuesOf(way, 'x', shape), columns, wide), fromFirst(columns, columns, wide));
      followed++;
    }
  }
  assert.ok(followed > 200, `${followed} followed`);
});

test('what is said to be reached holds all that derivatives reach, through random moves, products and sums', () => {
  const random = createRandom(5);
  let less = 0;
  for (let round = 0; round < 200; round++) {
    const image = [1, 2, 3, 4];
    const moves: Move[] = [];
    let shape: Shape = image;
    for (let step = 0; step < 5; step++) {
      const own = shape;
      const mix = random.uniform();
      const weights = fromData(
        Float64Array.from({ length: own[own.length - 1] * 2 }, () => random.normal()),
        [own[own.length - 1], 2],
      );
      const move: Move =
        mix < 0.15 && own.length > 1
          ? (x) => matmul(x, weights)
          : mix < 0.25
            ? (x) => add(x, sum(x, -1, { keepDimensions: true }))
            : randomMove(random, own);
      moves.push(move);
      shape = move(full(own, 1)).shape;
    }
    const f = (x: Tensor) => moves.reduce((value, move) => move(value), x);
    const run = createPlacesRun();
    const image0 = run.place(image, []);
    const output = run.knownOf(f(image0));
    if (output === undefined) continue;
    const mask = run.reach(output).get(run.knownOf(image0) as Placed) ?? [];
    const slopes = contiguous(grad((x: Tensor) => sum(mul(f(relu(x)), full([1], 1))))(full(image, 1))).data;
    const strides = stridesOf(image);
    slopes.forEach((slope, p) => {
      const isSaid = mask.every((part, axis) => part?.[Math.floor(p / strides[axis]) % image[axis]] !== 0);
      assert.ok(isSaid || slope === 0 || Number.isNaN(slope), `round ${round}: entry ${p}`);
      if (!isSaid) less++;
    });
  }
  assert.ok(less > 100, `${less} entries are known not to be reached`);
});

test('layouts are what the places say, not the rank', () => {
  const named = (f: (x: Tensor) => Tensor, shape: Shape = [1, 5, 4, 6]) => {
    const run = createPlacesRun();
    const { places } = run.knownOf(f(run.place(shape, [placedAs('NCHW', shape)]))) as Placed;
    return places === 'lost' || places.length !== 1 ? undefined : layoutOf(places[0]);
  };
  const tokens = (x: Tensor) => transpose(reshape(x, [1, 5, 24]), [0, 2, 1]);
  const classToken = full([1, 1, 5], 0.5);
  assert.equal(
    named((x) => x),
    { kind: 'NCHW' },
  );
  assert.equal(
    named((x) => transpose(x, [0, 2, 3, 1])),
    { kind: 'NHWC' },
  );
  assert.equal(
    named((x) => transpose(x, [0, 1, 3, 2])),
    undefined,
  );
  assert.equal(named(tokens), { kind: 'NTC', grid: [4, 6], prefix: 0 });
  assert.equal(
    named((x) => concat([classToken, classToken, tokens(x)], 1)),
    { kind: 'NTC', grid: [4, 6], prefix: 2 },
  );
  assert.equal(
    named((x) => concat([tokens(x), classToken], 1)),
    undefined,
  );
  assert.equal(
    named((x) => reshape(x, [1, 4, 6, 5])),
    undefined,
  );
  assert.equal(
    named((x) => sum(x, [2, 3], { keepDimensions: true })),
    { kind: 'NCHW' },
  );
  // Patches of 2×2 pixels as tokens, and channels of a map at half the size.
  const patches = (x: Tensor) => transpose(reshape(x, [1, 5, 2, 2, 3, 2]), [0, 2, 4, 1, 3, 5]);
  assert.equal(
    named((x) => reshape(patches(x), [1, 6, 20])),
    { kind: 'NTC', grid: [2, 3], prefix: 0 },
  );
  assert.equal(
    named((x) => matmul(reshape(patches(x), [1, 6, 20]), full([20, 7], 1))),
    {
      kind: 'NTC',
      grid: [2, 3],
      prefix: 0,
    },
  );
});

test('queries against keys lie in two ways, and what they weigh in one', () => {
  const shape = [1, 4, 2, 3];
  const run = createPlacesRun();
  const map = run.place(shape, [placedAs('NCHW', shape)]);
  const tokens = transpose(reshape(map, [1, 4, 6]), [0, 2, 1]);
  const scores = matmul(tokens, tokens, { right: true });
  assert.is(known(run.knownOf(scores)?.places ?? 'lost').length, 2);
  const [way, ...others] = known(run.knownOf(matmul(scores, tokens))?.places ?? 'lost');
  assert.equal(others, []);
  assert.equal(layoutOf(way), { kind: 'NTC', grid: [2, 3], prefix: 0 });
});

test.run();
