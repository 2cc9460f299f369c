import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../../src/autodiff/diagonal/diagonal.ts';
import type { PlanName } from '../../../src/autodiff/diagonal/plans.ts';
import * as op from '../../../src/autodiff/operations.ts';
import { gelu, hardSwish, silu } from '../../../src/layers/activations.ts';
import { conv } from '../../../src/layers/convolution.ts';
import { layerNorm } from '../../../src/layers/normalization.ts';
import { softmax } from '../../../src/layers/softmax.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('plans');
const { add, concat, exp, log, matmul, maxPool, mul, relu, reshape, sub, sum, takeAt, tanh, transpose } = op;
const random = createRandom(5);
const normal = (...shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => 0.7 * random.normal()),
    shape,
  );
const pick = (z: Tensor, c = 1) => takeAt(z, Int32Array.of(c), []);
const flat = (x: Tensor) => reshape(x, [1, -1]);
const a = normal(1, 3, 4, 4);
const kernel = normal(4, 3, 3, 3);
const depthwise = normal(3, 1, 2, 2);
const dense = normal(64, 5);
const pooled = (x: Tensor) => mul(sum(x, [2, 3]), 1 / 16);
const rows = normal(3, 5);
const normal5 = normal(5, 3);
const normal12 = normal(12, 4);
const normal48 = normal(48, 3);
const normal4 = normal(4, 2);
const square3 = normal(3, 3);
const padded = { padsBefore: [1, 1], padsAfter: [1, 1] };
const window = { kernel: [2, 2], dilations: [1, 1], padsBefore: [0, 0], padsAfter: [0, 0] };
const pool = (x: Tensor) => maxPool(x, { ...window, strides: [2, 2], output: [2, 2] });
const tokens = (x: Tensor) => transpose(reshape(x, [3, 16]));
const [q, k, v] = [normal(3, 4), normal(3, 4), normal(3, 4)];
const attention = (x: Tensor) => {
  const t = tokens(x);
  return matmul(softmax(matmul(matmul(t, q), matmul(t, k), { right: true })), matmul(t, v));
};

const square = normal(3, 3, 3, 3);
const overlapping = (x: Tensor) => conv(x, depthwise, { groups: 3 });

interface Head {
  readonly f: (x: Tensor) => Tensor;
  /** Plans beside jets and adjoint that apply. */
  readonly plans: readonly PlanName[];
}

const heads: Record<string, Head> = {
  'SiLU, pool, linear, exp': {
    f: (x) => exp(pick(matmul(pooled(silu(x)), rows))),
    plans: ['channel-collapse'],
  },
  'pool, LayerNorm, linear, exp': {
    f: (x) => exp(pick(matmul(layerNorm(pooled(x)), rows))),
    plans: ['linear-prefix', 'channel-collapse'],
  },
  'pool, linear, hard-swish, linear': {
    f: (x) => pick(matmul(hardSwish(matmul(pooled(x), rows)), normal5)),
    plans: ['linear-prefix', 'channel-collapse', 'powered-weights'],
  },
  'transposed and shifted before the sums': {
    f: (x) => tanh(sum(mul(sum(gelu(add(transpose(x, [0, 2, 3, 1]), 0.1)), [1, 2]), [1, -2, 3]))),
    plans: ['linear-prefix', 'channel-collapse'],
  },
  'convolution, GELU, linear': {
    f: (x) => pick(matmul(flat(gelu(conv(x, kernel, padded))), dense)),
    plans: ['linear-prefix', 'powered-weights'],
  },
  'convolution, GELU, linear, exp': {
    f: (x) => exp(pick(matmul(flat(gelu(conv(x, kernel, padded))), dense))),
    plans: ['linear-prefix'],
  },
  'pool, linear, hard-swish, linear, exp': {
    f: (x) => exp(pick(matmul(hardSwish(matmul(pooled(x), rows)), normal5))),
    plans: ['linear-prefix', 'channel-collapse'],
  },
  'two smooth layers side by side, then a smooth function of their sum': {
    f: (x) =>
      op.sigmoid(mul(0.1, add(sum(silu(conv(x, kernel, padded))), sum(tanh(matmul(flat(x), normal48)))))),
    plans: ['linear-prefix'],
  },
  'max-pool, then a smooth layer': {
    f: (x) => sum(tanh(matmul(flat(pool(relu(x))), normal12))),
    plans: ['linear-prefix', 'powered-weights'],
  },
  'windows that do not overlap, then a smooth layer': {
    f: (x) => sum(mul(tanh(matmul(flat(conv(x, depthwise, { strides: [2, 2], groups: 3 })), normal12)), 0.5)),
    plans: ['linear-prefix', 'powered-weights'],
  },
  'two smooth layers side by side': {
    f: (x) => add(sum(silu(conv(x, kernel, padded))), sum(tanh(sub(1, matmul(flat(x), normal48))))),
    plans: ['linear-prefix', 'powered-weights'],
  },
  'two smooth layers': {
    f: (x) => pick(matmul(gelu(matmul(flat(silu(conv(x, kernel, padded))), dense)), normal5)),
    plans: ['linear-prefix'],
  },
  'norm of each token, mean, linear, exp': {
    f: (x) => exp(pick(matmul(reshape(sum(layerNorm(tokens(x)), 0), [1, 3]), rows))),
    plans: ['linear-prefix'],
  },
  'attention that one token reads': {
    f: (x) => pick(matmul(attention(x), normal4), 3),
    plans: ['linear-prefix'],
  },
  'attention with a residual': {
    f: (x) => sum(gelu(layerNorm(add(matmul(tokens(x), q), attention(x))))),
    plans: ['linear-prefix'],
  },
  'a gate from the pool': {
    f: (x) =>
      exp(pick(matmul(pooled(mul(x, reshape(op.sigmoid(matmul(pooled(x), square3)), [1, 3, 1, 1]))), rows))),
    plans: [],
  },
  'branches that meet': {
    f: (x) =>
      log(add(1, exp(sum(concat([conv(x, kernel, padded), relu(conv(silu(x), kernel, padded))], 1))))),
    plans: [],
  },
  'a probability': {
    f: (x) => pick(softmax(matmul(flat(conv(x, kernel, padded)), dense)), 2),
    plans: ['linear-prefix'],
  },
};

for (const [name, { f, plans }] of Object.entries(heads)) {
  test(`${name}: every plan that applies gives the derivatives of jets, to order 4`, () => {
    const jets = diagonal(f, a, { plan: 'jets', order: 4 });
    const found: string[] = [];
    for (const { name: plan, applicable } of jets.plan.candidates) {
      if (!applicable || plan === 'jets') continue;
      found.push(plan);
      for (const order of [3, 4]) {
        const { derivatives } = diagonal(f, a, { plan, order });
        for (const [r, { data }] of derivatives.entries()) {
          close(data, jets.derivatives[r].data, { relative: 1e-11 }, `${plan} D${r + 1} of ${order}`);
        }
      }
    }
    assert.equal(found.sort(), ['adjoint', ...plans].sort());
  });
}

const refusals: readonly [string, PlanName, (x: Tensor) => Tensor, RegExp][] = [
  ['φ(x + conv x)', 'powered-weights', (x) => sum(tanh(add(x, conv(x, square, padded)))), /paths/],
  [
    'overlapping pools before the convolution',
    'powered-weights',
    (x) => sum(tanh(conv(overlapping(x), kernel, padded))),
    /several paths/,
  ],
  [
    'exp after φ',
    'powered-weights',
    (x) => exp(sum(tanh(conv(x, kernel, padded)))),
    /one smooth function is taken of another/,
  ],
  [
    'a product of two linear maps',
    'powered-weights',
    (x) => sum(mul(conv(x, kernel, padded), conv(x, kernel, padded))),
    /no function of single values/,
  ],
  [
    'what the sums do not see',
    'channel-collapse',
    (x) => add(exp(sum(silu(x))), sum(conv(x, kernel, padded))),
    /2 operations read/,
  ],
  [
    'mixed before the sums',
    'channel-collapse',
    (x) => exp(sum(conv(x, kernel, padded))),
    /conv mixes entries/,
  ],
];

for (const [name, plan, f, why] of refusals) {
  test(`${plan} refuses ${name}, and says why`, () => {
    assert.throws(() => diagonal(f, a, { plan }), why);
  });
}

test('one number of a smooth layer that a smooth function is taken of: by powers of the weights', () => {
  const { plan } = diagonal(heads['convolution, GELU, linear, exp'].f, a, { plan: 'adjoint' });
  assert.match(plan.why, /one walk backwards for each order, then the chain rule/);
});

test('a part of the entries costs a part, with the same numbers', () => {
  const { f } = heads['two smooth layers'];
  const all = diagonal(f, a, { plan: 'adjoint' });
  const some = diagonal(f, a, { plan: 'adjoint', entries: [5, 40] });
  for (const entry of [5, 40]) {
    close([some.d3.data[entry]], [all.d3.data[entry]], { relative: 1e-12 }, `D3 at ${entry}`);
  }
  assert.ok(some.plan.multiplyAdds < all.plan.multiplyAdds / 4);
});

test('what nobody reads is left out: other tokens, dead units', () => {
  const one = diagonal((x) => pick(matmul(gelu(matmul(tokens(x), q)), normal4), 3), a, { plan: 'adjoint' });
  const every = diagonal((x) => sum(matmul(gelu(matmul(tokens(x), q)), normal4)), a, { plan: 'adjoint' });
  assert.is(one.certificate.live, 3);
  assert.ok(one.plan.multiplyAdds < every.plan.multiplyAdds / 4);
});

test('many entries whose convolutions gather many patches do not go one by one because their products are few', () => {
  const [classes, channels] = [40, 128];
  const kernel1 = normal(classes, channels, 1, 1);
  const head = (x: Tensor) =>
    pick(softmax(reshape(mul(sum(relu(conv(x, kernel1)), [2, 3]), 1 / 16), [classes])));
  const { plan } = diagonal(head, normal(1, channels, 4, 4));
  const byName = new Map(plan.candidates.map((each) => [each.name, each]));
  const [adjoint, prefix] = [byName.get('adjoint'), byName.get('linear-prefix')];
  assert.ok(Number(adjoint?.work) > 4 * Number(adjoint?.multiplyAdds));
  assert.ok(Number(adjoint?.multiplyAdds) < Number(prefix?.multiplyAdds));
  assert.is(plan.name, 'linear-prefix');
});

test.run();
