import { suite } from 'uvu';
import { newDevice } from '../../../src/tensor/kernels/backend.ts';
import { type ConvAttributes, convForward, convInput, convKernel } from '../../../src/tensor/kernels/conv.ts';
import { matrixProduct } from '../../../src/tensor/kernels/matmul.ts';
import { windowOutput } from '../../../src/tensor/kernels/reference/window.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { type DType, fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine, wasmEngines } from '../../support/backends.ts';
import { same } from '../../support/check.ts';

const test = suite('float64 products on both backends');
const random = createRandom(21);
const [reference] = engines;

/** Normal numbers; where `sparse`, most channels are 0 altogether. */
function tensorOf(shape: readonly number[], dtype: DType, sparse = false): Tensor {
  const plane = sizeOf(shape.slice(2));
  const alive = Array.from({ length: sizeOf(shape.slice(0, 2)) }, () => !sparse || random.uniform() < 0.2);
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
    alive[Math.floor(i / plane)] ? random.normal() : 0,
  );
  return fromData(dtype === 'float64' ? values : Float32Array.from(values), shape);
}

/** The same bits from the reference and on one, two and three threads. */
async function agree(label: string, compute: () => Tensor): Promise<void> {
  const wanted = await onEngine(reference, compute);
  for (const engine of wasmEngines) same(await onEngine(engine, compute), wanted, `${label}, ${engine.name}`);
}

const dtypes = ['float64', 'float32'] as const;
const dtypeOf = () => dtypes[random.integer(2)];
const integer = (least: number, most: number) => least + random.integer(most - least + 1);

test('a small product has the bits of the same rows and columns of a large one', async () => {
  const [depth, rows, columns] = [9, 50, 60];
  const [x, y] = [tensorOf([rows, depth], 'float64'), tensorOf([depth, columns], 'float64')];
  const whole = matrixProduct(x, y);
  for (const [n, m] of [
    [1, 1],
    [4, 8],
    [7, 5],
  ]) {
    const right = Float64Array.from(
      { length: depth * m },
      (_, i) => y.data[Math.floor(i / m) * columns + (i % m)],
    );
    const part = matrixProduct(fromData(x.data.slice(0, n * depth), [n, depth]), fromData(right, [depth, m]));
    const wanted = Float64Array.from(
      { length: n * m },
      (_, i) => whole.data[Math.floor(i / m) * columns + (i % m)],
    );
    same(part, fromData(wanted, [n, m]), `${n} × ${depth} × ${m}`);
  }
});

test('matrix products of random sizes, either side transposed, of either precision, in batches', async () => {
  for (let i = 0; i < 60; i++) {
    const [n, k, m] = [integer(1, 70), integer(1, i % 6 === 0 ? 900 : 80), integer(1, 150)];
    const lead = i % 5 === 0 ? [3] : [];
    const transposed = { left: random.uniform() < 0.3, right: random.uniform() < 0.3 };
    const x = tensorOf([...lead, ...(transposed.left ? [k, n] : [n, k])], dtypeOf());
    const y = tensorOf(transposed.right ? [m, k] : [k, m], dtypeOf());
    await agree(`${n} × ${k} × ${m}`, () => matrixProduct(x, y, transposed));
  }
});

test('products with weights in the memory of the kernels', async () => {
  const device = newDevice();
  if (device === undefined) throw new Error('the device is there');
  for (let i = 0; i < 40; i++) {
    const [n, k, m] = [integer(1, i % 4 === 0 ? 70 : 5), integer(1, 300), integer(1, 400)];
    const data = device.float32(device.reserve(k * m * 4), k * m);
    for (let j = 0; j < data.length; j++) data[j] = random.normal();
    const right = random.uniform() < 0.5;
    const w = fromData(data, right ? [m, k] : [k, m]);
    const x = tensorOf([n, k], dtypeOf(), random.uniform() < 0.3);
    await agree(`${n} × ${k} × ${m}`, () => matrixProduct(x, w, { right }));
  }
});

test('convolutions of random shapes, and their transposes, where most channels are 0, too', async () => {
  for (let i = 0; i < 40; i++) {
    const groups = integer(1, 3);
    const kernel = [integer(1, 4), integer(1, 4)];
    const attributes: ConvAttributes = {
      kernel,
      groups,
      strides: [integer(1, 2), integer(1, 3)],
      dilations: [1, integer(1, 2)],
      padsBefore: kernel.map((length) => random.integer(length)),
      padsAfter: kernel.map((length) => random.integer(length)),
    };
    const spatial = [integer(7, 14), integer(8, 60)];
    const [images, channels, filters] = [integer(1, 3), groups * integer(1, 9), groups * integer(1, 17)];
    const x = tensorOf([images, channels, ...spatial], dtypeOf(), i % 3 === 0);
    const w = tensorOf([filters, channels / groups, ...kernel], dtypeOf());
    const g = tensorOf(
      [images, filters, ...windowOutput(spatial, attributes, 'test')],
      dtypeOf(),
      i % 2 === 0,
    );
    const label = JSON.stringify({ x: x.shape, w: w.shape, ...attributes });
    await agree(`forward ${label}`, () => convForward(x, w, attributes));
    await agree(`to x ${label}`, () => convInput(g, w, { ...attributes, inputSpatial: spatial }));
    await agree(`to w ${label}`, () => convKernel(x, g, attributes));
  }
});

test.run();
