import { suite } from 'uvu';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { jvp } from '../../src/autodiff/forward.ts';
import * as op from '../../src/autodiff/operations.ts';
import { grad } from '../../src/autodiff/reverse.ts';
import { derivatives } from '../../src/autodiff/taylor.ts';
import { layers } from '../../src/layers/index.ts';
import type { Attributes } from '../../src/layers/types.ts';
import { fromData, item, type Tensor, tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';

// Derivatives that other systems are known to get silently wrong at order 2 or 3: most take the saved mean and deviation of a
// normalisation for constants.
const test = suite('numbers that others get wrong');

type Unary = (x: Tensor) => Tensor;

function layer(name: string, attributes: Attributes = {}, ...rest: Tensor[]): Unary {
  const context = { opset: 21, types: [], outputs: 1, precision: 'float64' } as const;
  return (x) => {
    const y = layers[name].evaluate([x, ...rest], attributes, context);
    return 'shape' in y ? y : y[0];
  };
}

const VALUES = [0.5, -1.25, 2, 0.375, 1.5, -0.75];
const WEIGHTS = [1, -0.5, 0.25, 2, -1.5, 0.75];
const ones = (n: number) => tensor(new Array<number>(n).fill(1));
const zeros = (n: number) => tensor(new Array<number>(n).fill(0));

/** True derivatives of Σ w·y by each entry, orders 1 to 3 (scripts/normDerivatives.py). */
const normalizations: readonly [string, Unary, readonly number[], readonly (readonly number[])[]][] = [
  [
    'LayerNormalization',
    layer('LayerNormalization', {}, ones(6), zeros(6)),
    [1, 6],
    [
      [
        0.5980754063064464, -0.9560449238924339, 0.1476595838196366, 1.4565069488777782, -1.4534485088392795,
        0.20725149372785232,
      ],
      [
        0.09849933073247767, -0.3351347660978253, 0.008847943750785474, 0.12235947442267377,
        0.503339613933175, 0.1522294069455752,
      ],
      [
        -0.19924890510701543, 0.009384644220794002, -0.07666891574025493, -0.4633796341140043,
        0.12501500899843646, 0.05419837984843463,
      ],
    ],
  ],
  [
    'InstanceNormalization',
    layer('InstanceNormalization', {}, ones(2), zeros(2)),
    [1, 2, 3],
    [
      [
        0.5491458760163888, -0.2534536666504041, -0.29569220936598467, 1.7237047896641184,
        -0.8618669100687818, -0.8618378795953365,
      ],
      [
        -0.1415527366846424, -0.18612442914902697, 0.14092101524420553, 0.7257618361315514,
        0.9475417505913374, -0.5846221256863824,
      ],
      [
        -0.19458359538209077, -0.1805091350969046, -0.06181611802654369, -1.3619234455801954,
        -1.3350510228610029, -0.36731696658612245,
      ],
    ],
  ],
  [
    'BatchNormalization of a batch',
    layer('BatchNormalization', { training_mode: 1 }, ones(2), zeros(2), zeros(2), ones(2)),
    [3, 2],
    [
      [
        0.6872613554739735, -0.31120946245843956, 1.3744471171124442, -0.13825778484054108,
        -2.0617084725864174, 0.44946724729898063,
      ],
      [
        1.0717886356637951, -0.975204913302785, -1.2107733276097996, 0.05315437940519233, 1.3989791399015519,
        -1.2355324027769807,
      ],
      [
        2.3632531769094847, -2.2982412845017435, 0.4486536876076914, 0.17014572827473087, 2.4613929151446436,
        -1.7940728470408844,
      ],
    ],
  ],
];

/** The third derivative by each entry in turn, by one way to take it along a direction. */
function thirdByEach(x: Tensor, along: (direction: Tensor) => number): number[] {
  return Array.from(x.data, (_, i) => {
    const data = new Float64Array(x.data.length);
    data[i] = 1;
    return along(fromData(data, x.shape));
  });
}

for (const [name, norm, shape, [d1, d2, d3]] of normalizations) {
  const weights = tensor(WEIGHTS, shape);
  const x = tensor(VALUES, shape);
  const f = (v: Tensor) => op.sum(op.mul(weights, norm(v)));

  test(`${name}: diagonals of order 1 to 3`, () => {
    const got = diagonal(f, x);
    close(got.d1.data, d1, { relative: 1e-14 }, 'D1');
    close(got.d2.data, d2, { relative: 1e-13 }, 'D2');
    close(got.d3.data, d3, { relative: 1e-13 }, 'D3');
  });

  test(`${name}: the third derivative by a jet of the gradient and by jvp three times`, () => {
    const byGradient = thirdByEach(x, (e) => {
      const second = derivatives(grad(f), x, { direction: e, order: 2 })[2];
      return item(op.sum(op.mul(second, e)));
    });
    close(byGradient, d3, { relative: 1e-13 }, 'jet of the gradient');
    const derive =
      (g: Unary, e: Tensor): Unary =>
      (p) =>
        jvp(g, p, e).dy;
    const byForward = thirdByEach(x, (e) => item(derive(derive(derive(f, e), e), e)(x)));
    close(byForward, d3, { relative: 1e-13 }, 'jvp three times');
  });
}

const points: readonly [string, Unary, number, readonly (readonly [order: number, wanted: number])[]][] = [
  [
    'silu',
    layer('Swish'),
    40.410841513445845,
    [
      [2, -1.0820525268131133e-16],
      [3, 1.0538820290010739e-16],
    ],
  ],
  [
    'softplus',
    op.softplus,
    37.42994775023705,
    [
      [2, 5.551115123125775e-17],
      [3, -5.5511151231257747e-17],
    ],
  ],
  ['selu', layer('Selu'), -1e-300, [[2, 1.7580993408473768]]],
  ['tanh', op.tanh, 1e-300, [[2, -2e-300]]],
];
for (const [name, f, x, wanted] of points) {
  test(`${name} at ${x}, by a jet and by gradients`, () => {
    const jets = derivatives(f, tensor(x), { order: 3 }).map(item);
    const slope =
      (g: Unary): Unary =>
      (p) =>
        grad((q: Tensor) => op.sum(g(q)))(p);
    for (const [order, value] of wanted) {
      let g = f;
      for (let k = 0; k < order; k++) g = slope(g);
      close(jets[order], value, { relative: 1e-14 }, `jet, order ${order}`);
      close(g(tensor(x)), value, { relative: 1e-14 }, `gradients, order ${order}`);
    }
  });
}

test.run();
