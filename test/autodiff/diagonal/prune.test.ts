import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import * as op from '../../../src/autodiff/operations.ts';
import { mergedSoftmax } from '../../../src/cam/mergedSoftmax.ts';
import { createScore } from '../../../src/cam/score.ts';
import { softmaxTail } from '../../../src/cam/softmaxTail.ts';
import { softmax } from '../../../src/layers/softmax.ts';
import { InputError } from '../../../src/tensor/errors.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';

const test = suite('pruning');
const { abs, add, div, leakyRelu, matmul, maxPool, mul, neg, relu, reshape, sub } = op;

/** How many random heads; `npm run laws` looks at more. */
const HEADS = Number(process.env.JETGRAD_HEADS ?? 60);
/** The first head: another seed has other heads. */
const FIRST = 1e6 * (Number(process.env.JETGRAD_SEED ?? 1) - 1);
/** Roundings of the sums over classes, as a share of the largest derivative. */
const ROUNDINGS = 1e-12;

const largest = (x: ArrayLike<number>) =>
  Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** A head of one to three layers behind some piecewise-linear units, and an activation for it. */
function randomHead(seed: number) {
  const random = createRandom(seed);
  const normal = (...shape: number[]) =>
    fromData(
      Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
      shape,
    );
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];
  const classes = 33 + Math.floor(60 * random.uniform());
  const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], padsBefore: [0, 0], padsAfter: [0, 0] };
  const start = pick([
    (x: Tensor) => reshape(x, [1, -1]),
    (x: Tensor) => reshape(maxPool(x, { ...pool, output: [4, 4] }), [1, -1]),
    (x: Tensor) => sub(reshape(x, [1, -1]), div(reshape(relu(x), [1, -1]), -4)),
  ]);
  const shape = [1, 2, 8, 8];
  let width = sizeOf(start(normal(...shape)).shape);
  const layers: ((x: Tensor) => Tensor)[] = [start];
  for (let i = Math.floor(3 * random.uniform()); i > 0; i--) {
    const [w, next] = [normal(width, 20), pick([relu, abs, (x: Tensor) => neg(leakyRelu(x, 0.2))])];
    layers.push((x) => next(matmul(x, w)));
    width = 20;
  }
  const [last, shift] = [normal(width, classes), mul(3, normal(classes))];
  const factor = 10 ** (2.5 * random.uniform() - 1);
  const head = (a: Tensor) => {
    const z = reshape(
      matmul(
        layers.reduce((x, layer) => layer(x), a),
        last,
      ),
      [-1],
    );
    return add(mul(factor / Math.sqrt(width), z), shift);
  };
  const a = normal(...shape);
  const { data } = head(a);
  const classIndex = pick([data.indexOf(Math.max(...data)), Math.floor(classes * random.uniform())]);
  return { head, a, score: createScore(pick(['prob', 'logprob'] as const), { classIndex }), random };
}

test('what is pruned is off by no more than its bounds, and these by no more than what is allowed', () => {
  let merged = 0;
  for (let seed = FIRST; seed < FIRST + HEADS; seed++) {
    const { head, a, score, random } = randomHead(seed);
    const prune = 10 ** (-1 - 9 * random.uniform());
    const options = { score, plan: 'linear-prefix' } as const;
    const exact = diagonal(head, a, options);
    const { derivatives, certificate } = diagonal(head, a, { ...options, prune });
    assert.is(certificate.exact, certificate.pruned === undefined);
    const { bounds } = certificate.pruned ?? { bounds: [0, 0, 0] };
    if (certificate.pruned !== undefined) merged++;
    exact.derivatives.forEach(({ data }, r) => {
      const most = largest(data);
      const error = largest(data.map((value, i) => value - derivatives[r].data[i]));
      assert.ok(
        error <= bounds[r] + ROUNDINGS * most,
        `head ${seed}, order ${r + 1}: ${error} > ${bounds[r]}`,
      );
      assert.ok(bounds[r] <= prune * largest(derivatives[r].data), `head ${seed}: ${bounds[r]} > ${prune}`);
    });
  }
  assert.ok(merged > HEADS / 10, `${merged} heads were pruned`);
});

test('the bounds hold where nothing but the range of the merged directions is known', () => {
  const random = createRandom(FIRST + 7);
  let narrowest = 0;
  for (let round = 0; round < 40 * HEADS; round++) {
    const classes = 3 + Math.floor(6 * random.uniform());
    const normal = (n: number) => Float64Array.from({ length: n }, () => random.normal());
    const spread = 4 * random.uniform();
    const z = normal(classes).map((value) => spread * value);
    const v = normal(classes);
    const kept = 1 + Math.floor((classes - 1) * random.uniform());
    const classIndex = Math.floor(classes * random.uniform());
    for (const scale of [undefined, softmax(fromData(z, [classes])).data[classIndex]]) {
      const merging = mergedSoftmax(z, { classIndex, scale });
      const rest = merging.ranked.subarray(kept);
      const reach = Float64Array.of(largest(Float64Array.from(rest, (q) => v[q])));
      const { shares } = merging.merged(kept);
      const mean = shares.reduce((sum, share, j) => sum + share * v[rest[j]], 0);
      const few = Float64Array.of(...Array.from(merging.ranked.subarray(0, kept), (q) => v[q]), mean);
      const along = (data: Float64Array) => ({ data, count: 1, valueStride: 1, laneStride: data.length });
      const { derivatives, errors } = merging.along(along(few), { kept, order: 3, reach });
      const exact = softmaxTail(z, along(v), { classIndex, order: 3, scale });
      for (let r = 0; r < 3; r++) {
        const error = Math.abs(derivatives[r][0] - exact[r][0]);
        assert.ok(
          error <= errors[r][0] * (1 + 1e-9) + 1e-13,
          `round ${round}, order ${r + 1}: ${error} > ${errors[r][0]}`,
        );
        if (error > 1e-9) narrowest = Math.max(narrowest, error / errors[r][0]);
      }
    }
  }
  assert.ok(narrowest > 0.9, `the bound is nowhere tight: ${narrowest} of it at most`);
});

test('scores and plans that merge nothing are exact, and a tolerance is a share', () => {
  const { head, a } = randomHead(3);
  const exp = createScore('exp', { classIndex: 1 });
  const { certificate } = diagonal(head, a, { score: exp, prune: 1e-3 });
  assert.is(certificate.exact, true);
  assert.not.ok('pruned' in certificate);
  const negative = () => diagonal(head, a, { score: exp, prune: -1 });
  assert.throws(
    negative,
    (error: Error) => error instanceof InputError && /from 0 to below 1/.test(error.message),
  );
});

test.run();
