import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import * as op from '../../../src/autodiff/operations.ts';
import { gelu, silu } from '../../../src/layers/activations.ts';
import { layerNorm } from '../../../src/layers/normalization.ts';
import { softmax } from '../../../src/layers/softmax.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('entries that meet in statistics');
const { add, div, exp, log, matmul, mul, power, relu, reshape, sqrt, square, sub, sum, takeAt, transpose } =
  op;
const random = createRandom(Number(process.env.JETGRAD_SEED ?? 11));
const normal = (...shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => 0.8 * random.normal()),
    shape,
  );
const mean = (x: Tensor, axes: number[]) =>
  mul(sum(x, axes, { keepDimensions: true }), 1 / sizeOf(axes.map((axis) => x.shape[axis])));
const pick = (z: Tensor, c: number) => takeAt(z, Int32Array.of(c), []);

const [tokens, width, classes] = [5, 6, 4];
const a = normal(1, tokens, width);
const [scale, bias, last, wide] = [
  normal(width),
  normal(width),
  normal(width, classes),
  normal(width, width),
];
const logits = (x: Tensor) => matmul(reshape(x, [1, width]), last);
const pooled = (x: Tensor) => reshape(mean(x, [1]), [1, width]);
const norm = (x: Tensor) => layerNorm(x, { scale, bias, epsilon: 1e-3 });
/** Of [1, tokens, width], as a map [1, width, 1, tokens] of channels. */
const channels = (x: Tensor) => reshape(transpose(x, [0, 2, 1]), [1, width, 1, tokens]);
const normOver = (x: Tensor, axes: number[], epsilon = 1e-3) => {
  const centred = sub(x, mean(x, axes));
  return div(centred, sqrt(add(mean(square(centred), axes), epsilon)));
};
const rms = (x: Tensor) => mul(mul(x, power(add(mean(square(x), [2]), 1e-3), -0.5)), scale);

const forms: Record<string, (x: Tensor) => Tensor> = {
  'LayerNorm of each token, mean, linear, exp': (x) => exp(pick(logits(pooled(norm(x))), 2)),
  'the same, the logit': (x) => pick(logits(pooled(norm(x))), 1),
  'RMSNorm by a power, mean, linear, log': (x) => log(add(2, square(pick(logits(pooled(rms(x))), 0)))),
  'LayerNorm, GELU, mean, linear, exp': (x) => exp(pick(logits(pooled(gelu(norm(x)))), 2)),
  'SiLU, LayerNorm, ReLU, mean, linear': (x) => pick(logits(pooled(relu(norm(silu(x))))), 2),
  'a skip around LayerNorm': (x) => exp(pick(logits(pooled(add(x, norm(x)))), 2)),
  'LayerNorm over the channels of a map': (x) =>
    exp(pick(logits(transpose(reshape(mean(normOver(channels(x), [1]), [2, 3]), [width, 1]))), 1)),
  'GroupNorm of a map': (x) => {
    const groups = reshape(channels(x), [1, 2, (width / 2) * tokens]);
    return exp(
      pick(logits(reshape(mean(reshape(normOver(groups, [2]), [width, tokens]), [1]), [1, width])), 1),
    );
  },
  'InstanceNorm of a map, one token read': (x) =>
    exp(sum(mul(takeAt(normOver(channels(x), [2, 3]), [0, 7, 9], [3]), [1, -2, 0.5]))),
  'a token times its own root mean square': (x) =>
    exp(pick(logits(pooled(mul(x, sqrt(mean(square(x), [2]))))), 0)),
  'a deviation alone': (x) => {
    const centred = sub(x, mean(x, [2]));
    return exp(
      sum(mul(sqrt(mean(square(centred), [2])), reshape(takeAt(scale, [0, 1, 2, 3, 4], [5]), [1, 5, 1]))),
    );
  },
  'a product of two norms': (x) => exp(mul(0.3, sum(mul(norm(x), rms(x))))),
  'the mean over its deviation': (x) =>
    exp(sum(div(mean(x, [2]), sqrt(add(1, mean(square(sub(x, mean(x, [2]))), [2])))))),
};

const others: Record<string, (x: Tensor) => Tensor> = {
  'tokens mixed behind the norm, then a smooth unit': (x) =>
    exp(pick(logits(pooled(gelu(matmul(norm(x), wide)))), 2)),
  'a probability': (x) => pick(softmax(logits(pooled(norm(x)))), 2),
  attention: (x) => sum(matmul(softmax(matmul(norm(x), norm(x), { right: true })), matmul(x, last))),
};

const isByGroups = (f: (x: Tensor) => Tensor) =>
  /numbers of their group/.test(diagonal(f, a, { plan: 'adjoint' }).plan.why);

function agrees(f: (x: Tensor) => Tensor, entries?: readonly number[]): void {
  const options = { order: 4, ...(entries && { entries }) };
  const jets = diagonal(f, a, { ...options, plan: 'jets' });
  const { derivatives } = diagonal(f, a, { ...options, plan: 'adjoint' });
  for (let r = 0; r < 4; r++) {
    close(derivatives[r].data, jets.derivatives[r].data, { relative: 1e-10 }, `D${r + 1}`);
  }
}

for (const [name, f] of Object.entries(forms)) {
  test(`${name}: all entries at once, as by jets to order 4`, () => {
    assert.ok(isByGroups(f));
    agrees(f);
    agrees(f, [0, 3, 4, 7, 8, 11, 20, 29]);
  });
}

for (const [name, f] of Object.entries(others)) {
  test(`${name}: not by groups, and as by jets`, () => {
    assert.not(isByGroups(f));
    agrees(f);
  });
}

test('where a norm divides by nothing but its deviation, nothing of it is taken for a constant', () => {
  // n of two entries is ±1 whatever they are: all derivatives vanish, which no term of them does.
  const f = (x: Tensor) => exp(sum(mul(normalised(x), [0.25, -1])));
  const normalised = (x: Tensor) => {
    const centred = sub(x, mean(x, [1]));
    return div(centred, sqrt(mean(square(centred), [1])));
  };
  const { derivatives } = diagonal(f, fromData(Float64Array.of(1, 3, -2, 5), [2, 2]), { plan: 'adjoint' });
  for (const d of derivatives) close(d.data, [0, 0, 0, 0], { absolute: 1e-14 });
});

test('few entries go one by one where that is cheaper', () => {
  const f = forms['LayerNorm of each token, mean, linear, exp'];
  const wideA = normal(1, 40, width);
  const few = diagonal((x) => exp(sum(mul(mean(norm(x), [1]), 0.5))), wideA, {
    plan: 'adjoint',
    entries: [1],
  });
  assert.match(few.plan.why, /y reads/);
  assert.ok(isByGroups(f));
});

test('without the room it takes, entries go in blocks', () => {
  const f = forms['LayerNorm of each token, mean, linear, exp'];
  const { plan } = diagonal(f, a, { plan: 'adjoint', memory: 1000 });
  assert.match(plan.why, /y reads/);
});

const choose = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];

/** A head of random sizes: units, a norm over some of the axes or two in a row, units, a mean, a dense layer, a score. */
function randomHead(): { f: (x: Tensor) => Tensor; at: Tensor; told: string } {
  const sizes = [1, 2, 3].map(() => 2 + Math.floor(3 * random.uniform()));
  const axes = choose([[1], [2], [3], [2, 3], [1, 3], [1, 2, 3]]);
  const [before, after, beyond] = [0, 1, 2].map(() => choose(['none', 'silu', 'relu', 'affine', 'square']));
  const form = choose(['layer', 'rms', 'skip', 'product']);
  const score = choose(['exp', 'logit', 'sigmoid', 'log']);
  const [gain, shift, dense] = [normal(1, ...sizes), normal(1, ...sizes), normal(sizes[0], 3)];
  const units: Record<string, (x: Tensor) => Tensor> = {
    ...{ none: (x) => x, silu, relu, square },
    affine: (x) => add(mul(x, gain), shift),
  };
  // Where two or three members nearly agree a small ε makes D4 a difference of large numbers, of which jets lose more digits than this.
  const epsilon = 0.1;
  const root = (x: Tensor) => mul(x, power(add(mean(square(x), axes), epsilon), -0.5));
  const norms: Record<string, (x: Tensor) => Tensor> = {
    layer: (x) => normOver(x, axes, epsilon),
    rms: root,
    skip: (x) => add(x, normOver(x, axes, epsilon)),
    product: (x) => mul(normOver(x, axes, epsilon), root(x)),
  };
  const scores: Record<string, (z: Tensor) => Tensor> = {
    ...{ exp, logit: (z) => z, sigmoid: op.sigmoid },
    log: (z) => log(add(2, square(z))),
  };
  const f = (x: Tensor) => {
    const normed = units[after](norms[form](units[before](x)));
    const out = matmul(reshape(mean(normed, [2, 3]), [1, sizes[0]]), dense);
    return scores[score](pick(beyond === 'relu' ? relu(out) : out, 1));
  };
  const told = `${sizes} ${before}, ${form} over ${axes}, ${after}, ${beyond}, ${score}`;
  return { f, at: normal(1, ...sizes), told };
}

const runs = Number(process.env.JETGRAD_HEADS ?? 40);

test(`${runs} random heads: as by jets to order 4`, () => {
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const { f, at, told } = randomHead();
    const [jets, own] = (['jets', 'adjoint'] as const).map((plan) => diagonal(f, at, { plan, order: 4 }));
    if (/numbers of their group/.test(own.plan.why)) found++;
    for (let r = 0; r < 4; r++) {
      close(
        own.derivatives[r].data,
        jets.derivatives[r].data,
        { relative: 1e-10, absolute: 1e-12 },
        `D${r + 1} of ${told}`,
      );
    }
  }
  assert.ok(found > runs / 2, `${found} of ${runs} by groups`);
});

test.run();
