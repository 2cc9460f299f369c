import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ConvAttributes, convForward, convInput, convKernel } from '../../../src/tensor/kernels/conv.ts';
import { matrixProduct } from '../../../src/tensor/kernels/matmul.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor, zeros } from '../../../src/tensor/tensor.ts';
import { close, same } from '../../support/check.ts';

const test = suite('products');
const random = createRandom(2);
const normal = (shape: number[]) =>
  fromData(
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

/** The definition, one multiplication at a time. */
function plainProduct(x: Tensor, y: Tensor): Tensor {
  const [n, k] = x.shape;
  const m = y.shape[1];
  const out = zeros([n, m]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++)
      for (let p = 0; p < k; p++) out.data[i * m + j] += x.data[i * k + p] * y.data[p * m + j];
  }
  return out;
}

const flip = (x: Tensor): Tensor => {
  const [n, m] = x.shape;
  return fromData(
    Float64Array.from(x.data, (_, i) => x.data[(i % n) * m + Math.floor(i / n)]),
    [m, n],
  );
};

test('matrix products of every size class, either side transposed', () => {
  for (const [n, k, m] of [
    [1, 7, 5],
    [3, 300, 2],
    [4, 4, 4],
    [9, 513, 6],
    [5, 0, 3],
  ]) {
    const x = normal([n, k]);
    const y = normal([k, m]);
    const wanted = plainProduct(x, y);
    close(matrixProduct(x, y), wanted, { relative: 1e-13 }, 'plain');
    close(matrixProduct(flip(x), y, { left: true }), wanted, { relative: 1e-13 }, 'left');
    close(matrixProduct(x, flip(y), { right: true }), wanted, { relative: 1e-13 }, 'right');
  }
});

test('the bits of a row do not depend on the rows beside it', () => {
  const y = normal([600, 9]);
  const many = normal([11, 600]);
  const all = matrixProduct(many, y);
  for (const row of [0, 5, 10]) {
    const one = matrixProduct(fromData(many.data.slice(row * 600, (row + 1) * 600), [1, 600]), y);
    same(one.data, all.data.slice(row * 9, (row + 1) * 9), `row ${row}`);
  }
});

/** Convolution by its definition, two spatial axes. */
function plainConv(x: Tensor, w: Tensor, a: ConvAttributes): Tensor {
  const [n, c, h, width] = x.shape;
  const [o, perGroup, kh, kw] = w.shape;
  const length = (axis: number, size: number) =>
    Math.floor(
      (size + a.padsBefore[axis] + a.padsAfter[axis] - a.dilations[axis] * (a.kernel[axis] - 1) - 1) /
        a.strides[axis],
    ) + 1;
  const [oh, ow] = [length(0, h), length(1, width)];
  const out = zeros([n, o, oh, ow]);
  const filters = o / a.groups;
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let f = 0; f < o; f++) {
      for (let y = 0; y < oh; y++) {
        for (let z = 0; z < ow; z++, at++) {
          for (let i = 0; i < perGroup * kh * kw; i++) {
            const [ch, ky, kx] = [Math.floor(i / (kh * kw)), Math.floor(i / kw) % kh, i % kw];
            const iy = y * a.strides[0] + ky * a.dilations[0] - a.padsBefore[0];
            const ix = z * a.strides[1] + kx * a.dilations[1] - a.padsBefore[1];
            if (iy < 0 || ix < 0 || iy >= h || ix >= width) continue;
            const channel = Math.floor(f / filters) * perGroup + ch;
            out.data[at] +=
              w.data[f * perGroup * kh * kw + i] * x.data[((image * c + channel) * h + iy) * width + ix];
          }
        }
      }
    }
  }
  return out;
}

const cases: [string, number[], number[], Partial<ConvAttributes>][] = [
  ['3 × 3, padded', [2, 3, 6, 5], [4, 3, 3, 3], { padsBefore: [1, 1], padsAfter: [1, 1] }],
  [
    'strides, uneven pads',
    [1, 2, 7, 8],
    [3, 2, 3, 2],
    { strides: [2, 3], padsBefore: [0, 1], padsAfter: [2, 0] },
  ],
  ['dilated', [1, 2, 9, 9], [2, 2, 3, 3], { dilations: [2, 3], padsBefore: [2, 0], padsAfter: [2, 1] }],
  ['grouped', [2, 6, 5, 5], [4, 3, 2, 2], { groups: 2 }],
  ['depthwise', [1, 5, 6, 6], [5, 1, 3, 3], { groups: 5, padsBefore: [1, 1], padsAfter: [1, 1] }],
  ['more columns than one block', [1, 1, 60, 60], [2, 1, 1, 1], {}],
];

const dot = (a: Tensor, b: Tensor) =>
  Array.from(a.data).reduce((sum, value, i) => sum + value * b.data[i], 0);

for (const [name, xShape, wShape, given] of cases) {
  const attributes: ConvAttributes = {
    kernel: wShape.slice(2),
    strides: [1, 1],
    dilations: [1, 1],
    padsBefore: [0, 0],
    padsAfter: [0, 0],
    groups: 1,
    ...given,
  };
  test(`convolution, ${name}: the definition, and both transposes`, () => {
    const x = normal(xShape);
    const w = normal(wShape);
    const y = convForward(x, w, attributes);
    close(y, plainConv(x, w, attributes), { relative: 1e-13 }, 'forward');
    const g = normal([...y.shape]);
    const dx = convInput(g, w, { ...attributes, inputSpatial: xShape.slice(2) });
    const dw = convKernel(x, g, attributes);
    close(dot(dx, x), dot(g, y), { relative: 1e-12 }, '⟨convInput(g), x⟩ = ⟨g, y⟩');
    close(dot(dw, w), dot(g, y), { relative: 1e-12 }, '⟨convKernel(g), w⟩ = ⟨g, y⟩');
  });
}

test('a cotangent that is mostly zero gives the bits of the full product', () => {
  const attributes: ConvAttributes = {
    kernel: [3, 3],
    strides: [1, 1],
    dilations: [1, 1],
    padsBefore: [1, 1],
    padsAfter: [1, 1],
    groups: 1,
  };
  const w = normal([8, 3, 3, 3]);
  const sparse = zeros([3, 8, 5, 5]);
  for (let i = 0; i < 25; i++) sparse.data[(1 * 8 + 2) * 25 + i] = random.normal(); // one filter of the second image
  for (let i = 0; i < 200; i++) sparse.data[2 * 200 + i] = random.normal(); // all of the third
  const got = convInput(sparse, w, { ...attributes, inputSpatial: [5, 5] });
  const alone = (image: number) => {
    const g = fromData(sparse.data.slice(image * 200, image * 200 + 200), [1, 8, 5, 5]);
    const x = normal([1, 3, 5, 5]);
    close(
      dot(fromData(got.data.slice(image * 75, image * 75 + 75), [1, 3, 5, 5]), x),
      dot(g, convForward(x, w, attributes)),
      { relative: 1e-12, absolute: 1e-13 },
      `image ${image}`,
    );
  };
  for (const image of [0, 1, 2]) alone(image);
});

test('rows of many lanes that meet the same matrices give the bits of each lane alone', () => {
  const value = (i: number) => Math.sin(3 * i + 1);
  const make = (...shape: number[]) =>
    fromData(
      Float64Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
      shape,
    );
  for (const right of [false, true]) {
    const x = make(11, 3, 1, 17);
    const y = right ? make(3, 9, 17) : make(3, 17, 9);
    const all = matrixProduct(x, y, { right });
    assert.equal(all.shape, [11, 3, 1, 9]);
    for (let lane = 0; lane < 11; lane++) {
      const own = fromData(x.data.slice(lane * 51, (lane + 1) * 51), [3, 1, 17]);
      same(all.data.slice(lane * 27, (lane + 1) * 27), matrixProduct(own, y, { right }).data, `lane ${lane}`);
    }
  }
});

test.run();
