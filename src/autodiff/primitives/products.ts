import { ShapeError } from '../../tensor/errors.ts';
import { type ConvAttributes, convForward, convInput, convKernel } from '../../tensor/kernels/conv.ts';
import { matrixProduct, type Transposed } from '../../tensor/kernels/matmul.ts';
import { windowOutput } from '../../tensor/kernels/reference/window.ts';
import { checkOptions } from '../../tensor/options.ts';
import { broadcastShapes, formatShape, type Shape, sizeOf } from '../../tensor/shape.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { AxisPath, Bilinear } from '../primitive.ts';
import { apply } from '../trace.ts';
import { lift, type Operand } from './lift.ts';
import { padRank } from './operand.ts';
import { reshape } from './shaping.ts';

export const matmulRow: Bilinear<Transposed> = {
  name: 'matmul',
  kind: 'bilinear',
  forward: ([x, y], transposed) => matrixProduct(x, y, transposed),
  // X = op(x), Y = op(y): dX = G Yᵀ, dY = Xᵀ G; a transposed operand gets the transpose of that.
  transposeLeft: (g, y, t) =>
    t.left
      ? product(y, g, { left: t.right === true, right: true })
      : product(g, y, { left: false, right: t.right !== true }),
  transposeRight: (g, x, t) =>
    t.right
      ? product(g, x, { left: true, right: t.left === true })
      : product(x, g, { left: t.left !== true, right: false }),
  multiplyAdds: ([x], output, t) => sizeOf(output) * x[x.length - (t.left ? 2 : 1)],
  samples: [
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [
          [1, -1, 2],
          [0.5, 3, 1],
        ],
      ],
      attributes: {},
      output: [
        [2, 5, 4],
        [5, 9, 10],
        [8, 13, 16],
      ],
    },
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, -1],
          [0.5, 3],
          [2, 0],
        ],
      ],
      attributes: { left: true, right: true },
      output: [
        [-2, 9.5, 2],
        [-2, 13, 4],
      ],
    },
    {
      inputs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [1, -1],
          [0.5, 3],
        ],
      ],
      attributes: { left: false, right: true },
      output: [
        [-1, 6.5],
        [-1, 13.5],
      ],
    },
  ],
  shape: ([x, y], t) => [
    ...broadcastShapes([x.slice(0, -2), y.slice(0, -2)], 'multiply matrices'),
    x[x.length - (t.left ? 1 : 2)],
    y[y.length - (t.right ? 2 : 1)],
  ],
  axes: ({ left, right }) => ({ kind: 'multiplied', left: left === true, right: right === true }),
  source: 'd(X Y) = dX Y + X dY',
};

function product(x: Tensor, y: Tensor, transposed: Transposed): Tensor {
  const rank = Math.max(x.shape.length, y.shape.length);
  return apply(matmulRow, [padRank(x, rank), padRank(y, rank)], transposed);
}

/** A vector as a matrix: a row on the left, a column on the right. */
function asMatrix(x: Tensor, side: 'left' | 'right', isTransposed: boolean): Tensor {
  if (x.shape.length !== 1) return x;
  if (isTransposed) {
    throw new ShapeError(
      `Cannot ${ACTION}: the ${side} one is a vector, ${formatShape(x.shape)}, which has no transpose; leave ${side}: true out`,
    );
  }
  return reshape(x, side === 'left' ? [1, ...x.shape] : [...x.shape, 1]);
}

const ACTION = 'multiply matrices';

/**
 * The matrix product over the last two axes, earlier axes broadcast: [..., n, k] · [..., k, m] → [..., n, m]. `left` and
 * `right` say which sides are read transposed. A vector is a row on the left and a column on the right, and has no axis in the product:
 * [n, k] · [k] → [n], [k] · [k, m] → [m], [k] · [k] → [].
 * @throws ShapeError when the inner lengths differ, an operand is a number, or a vector is to be read transposed.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [10]])) // [[21], [43]]
 * matmul([[1, 2]], [[3, 4]], { right: true }) // [[11]]
 * matmul([[1, 2], [3, 4]], [1, 10]) // [21, 43]
 */
export function matmul(x: Operand, y: Operand, transposed?: Transposed): Tensor {
  checkOptions(transposed, { left: 'boolean', right: 'boolean' }, ACTION);
  const { left = false, right = false } = transposed ?? {};
  const [given, other] = [lift(x, ACTION), lift(y, ACTION)];
  if (given.shape.length === 0 || other.shape.length === 0) {
    throw new ShapeError(
      `Cannot ${ACTION}: matrices [..., n, k] and [..., k, m] or vectors [k] are wanted, got ${formatShape(given.shape)} and ${formatShape(other.shape)}; use mul for numbers`,
    );
  }
  const [p, q] = [asMatrix(given, 'left', left), asMatrix(other, 'right', right)];
  const [a, b] = [p.shape, q.shape];
  if (a[a.length - (left ? 2 : 1)] !== b[b.length - (right ? 1 : 2)]) {
    throw new ShapeError(
      `Cannot ${ACTION}: inner lengths must agree, got ${formatShape(given.shape)}${left ? 'ᵀ' : ''} and ${formatShape(other.shape)}${right ? 'ᵀ' : ''}`,
    );
  }
  broadcastShapes([a.slice(0, -2), b.slice(0, -2)], ACTION);
  const z = product(p, q, transposed ?? {});
  if (p === given && q === other) return z;
  const rows = p === given ? z.shape.slice(-2, -1) : [];
  const columns = q === other ? z.shape.slice(-1) : [];
  return reshape(z, [...z.shape.slice(0, -2), ...rows, ...columns]);
}

const sampleWindow = {
  kernel: [2, 2],
  strides: [1, 2],
  dilations: [1, 1],
  padsBefore: [1, 0],
  padsAfter: [0, 1],
  groups: 1,
};
const sampleImage = [
  [
    [
      [1, 2, -1],
      [0.5, 3, 2],
    ],
  ],
];
const sampleWeights = [
  [
    [
      [1, -1],
      [2, 0.5],
    ],
  ],
  [
    [
      [0.3, 1],
      [-2, 1],
    ],
  ],
];
const sampleOutput = [
  [
    [
      [1, 2],
      [0.5, -1],
    ],
    [
      [0.1, 2],
      [1, 1],
    ],
  ],
];

type InputAttributes = ConvAttributes & { readonly inputSpatial: Shape };

const windowed = ({ kernel }: ConvAttributes): AxisPath => ({
  kind: 'windowed',
  spatial: kernel.length,
  channels: true,
});

const perFilter = (weights: Shape, spatial: number) => sizeOf(weights.slice(weights.length - spatial - 1));

export const convRow: Bilinear<ConvAttributes> = {
  name: 'conv',
  operation: false,
  kind: 'bilinear',
  forward: ([x, w], attributes) => convForward(x, w, attributes),
  transposeLeft: (g, w, attributes, shape) =>
    apply(convInputRow, [g, w], { ...attributes, inputSpatial: shape.slice(-attributes.kernel.length) }),
  transposeRight: (g, x, attributes) => apply(convKernelRow, [x, g], attributes),
  multiplyAdds: ([, w], output, { kernel }) => sizeOf(output) * perFilter(w, kernel.length),
  samples: [
    {
      inputs: [sampleImage, sampleWeights],
      attributes: sampleWindow,
      output: [
        [
          [
            [3, -2],
            [1.5, 3],
          ],
          [
            [0, 2],
            [4.3, -4.3],
          ],
        ],
      ],
    },
  ],
  shape: ([x, w], attributes) => {
    const spatial = attributes.kernel.length;
    const filters = w[w.length - spatial - 2];
    return [...x.slice(0, -spatial - 1), filters, ...windowOutput(x.slice(-spatial), attributes, 'convolve')];
  },
  axes: windowed,
  source: 'y[o, p] = Σ_{c, k} w[o, c, k] x[c, p·stride + k·dilation − pad]',
};

export const convInputRow: Bilinear<InputAttributes> = {
  name: 'convInput',
  operation: false,
  kind: 'bilinear',
  forward: ([g, w], attributes) => convInput(g, w, attributes),
  transposeLeft: (x, w, { inputSpatial: _, ...attributes }) => apply(convRow, [x, w], attributes),
  transposeRight: (x, g, { inputSpatial: _, ...attributes }) => apply(convKernelRow, [x, g], attributes),
  multiplyAdds: ([g, w], _, { kernel }) => sizeOf(g) * perFilter(w, kernel.length),
  samples: [
    {
      inputs: [sampleOutput, sampleWeights],
      attributes: { ...sampleWindow, inputSpatial: [2, 3] },
      output: [
        [
          [
            [2.6, 1.1, -0.7],
            [-1, 1.25, -4],
          ],
        ],
      ],
    },
  ],
  shape: ([g, w], { inputSpatial, groups }) => {
    const spatial = inputSpatial.length;
    return [...g.slice(0, -spatial - 1), groups * w[w.length - spatial - 1], ...inputSpatial];
  },
  axes: windowed,
  source: 'the transpose of conv in x',
};

export const convKernelRow: Bilinear<ConvAttributes> = {
  name: 'convKernel',
  operation: false,
  kind: 'bilinear',
  forward: ([x, g], attributes) => convKernel(x, g, attributes),
  transposeLeft: (w, g, attributes, shape) =>
    apply(convInputRow, [g, w], { ...attributes, inputSpatial: shape.slice(-attributes.kernel.length) }),
  transposeRight: (w, x, attributes) => apply(convRow, [x, w], attributes),
  multiplyAdds: ([, g], output, { kernel }) => sizeOf(g) * perFilter(output, kernel.length),
  samples: [
    {
      inputs: [sampleImage, sampleOutput],
      attributes: sampleWindow,
      output: [
        [
          [
            [1.5, 1],
            [-2.75, 3.5],
          ],
        ],
        [
          [
            [0, 2],
            [0.6, 3.2],
          ],
        ],
      ],
    },
  ],
  shape: ([x, g], { kernel, groups }) => {
    const at = x.length - kernel.length - 1;
    return [...x.slice(0, at - 1), g[at], x[at] / groups, ...kernel];
  },
  axes: () => ({ kind: 'lost' }),
  source: 'the transpose of conv in w',
};
