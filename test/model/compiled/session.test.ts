import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel, type Model } from '../../../src/model/model.ts';
import { deviceOf } from '../../../src/tensor/kernels/wasm/device.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../../src/tensor/shape.ts';
import { fromData, type Tensor } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { close, same } from '../../support/check.ts';
import { floats, integers, makeModel, type Parts, parseNode } from '../../support/makeModel.ts';

const test = suite('session');
const random = createRandom(6);
const [reference, one, two] = engines;

const normals = (shape: readonly number[]) =>
  floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
const images = (...shape: number[]): Tensor =>
  fromData(
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
    shape,
  );

/** The model on the device, and what the reference makes of the same in float64. */
async function both(
  parts: Parts,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<{ model: Model; got: Record<string, Tensor>; wanted: Record<string, Tensor> }> {
  const model = createModel(makeModel(parts));
  const got = await onEngine(two, () => model.run(inputs));
  const wanted = await onEngine(reference, () => model.run(inputs, { precision: 'float64' }));
  for (const name of parts.outputs) close(got[name], wanted[name], { relative: 1e-5 }, name);
  return { model, got, wanted };
}

const network: Parts = {
  inputs: { x: ['N', 5, 'H', 'W'] },
  outputs: ['z'],
  nodes: [
    parseNode('Conv x w > a', { pads: [1, 1, 1, 1] }),
    'Relu a > b',
    'Tanh b > c',
    parseNode('Conv c v > d', { strides: [2, 2] }),
    'GlobalAveragePool d > z',
  ],
  tensors: { w: normals([17, 5, 3, 3]), v: normals([6, 17, 3, 3]) },
};

test('more shapes than programs that are kept: the bits of each are the same when it comes again', async () => {
  const model = createModel(makeModel(network));
  const shapes = Array.from({ length: 11 }, (_, i) => [1 + (i % 3), 5, 6 + i, 9]);
  const inputs = shapes.map((shape) => images(...shape));
  const run = async () => {
    const results: Tensor[] = [];
    for (const x of inputs) results.push((await model.run(x)).z);
    return results;
  };
  const first = await onEngine(two, run);
  const wanted = await onEngine(reference, async () => {
    const results: Tensor[] = [];
    for (const x of inputs) results.push((await model.run(x, { precision: 'float64' })).z);
    return results;
  });
  first.forEach((z, i) => {
    close(z, wanted[i], { relative: 1e-5 }, `shape ${shapes[i]}`);
  });
  for (const results of [await onEngine(one, run), await onEngine(two, run)]) {
    results.forEach((z, i) => {
      same(z, first[i], `shape ${shapes[i]}`);
    });
  }
});

test('runs of all sizes compute in one stretch of memory, and the bits of each stay', async () => {
  const parts = { ...network, tensors: { w: normals([17, 5, 3, 3]), v: normals([80, 17, 3, 3]) } };
  const sizes = [images(3, 5, 40, 40), images(2, 5, 25, 30), images(1, 5, 9, 9)];
  const alone = sizes.map(async (x) => (await createModel(makeModel(parts)).run(x)).z);
  const model = createModel(makeModel(parts));
  const device = deviceOf(model.data.tensors.get('v')?.bytes ?? new Uint8Array());
  assert.ok(device);
  const end = () => {
    const place = device.reserve(1e6);
    device.release(place);
    return place;
  };
  const order = [0, 1, 2, 1, 0, 2];
  let first = 0;
  for (const i of order) {
    same((await model.run(sizes[i])).z, await alone[i], `size ${i}`);
    first ||= end();
  }
  assert.ok(end() - first < 16384, `${end() - first} bytes were added, programs take a few thousand`);
});

test('runs that are asked for at once take turns, over two models with the same weights too', async () => {
  const data = makeModel({ ...network, tensors: { w: normals([17, 5, 3, 3]), v: normals([64, 17, 3, 3]) } });
  const models = [createModel(data)];
  models.push(createModel(models[0].data), models[0]);
  const inputs = [images(1, 5, 9, 8), images(2, 5, 7, 7), images(1, 5, 9, 8), images(3, 5, 12, 5)];
  await onEngine(two, async () => {
    const alone: Tensor[] = [];
    for (const x of inputs) alone.push((await models[0].run(x)).z);
    const jobs = inputs.flatMap((x, i) => models.map(async (model) => ({ i, z: (await model.run(x)).z })));
    for (const { i, z } of await Promise.all(jobs)) same(z, alone[i], `input ${i}`);
  });
});

test('a run that is given up leaves the next one as it is', async () => {
  const model = createModel(makeModel(network));
  const x = images(1, 5, 9, 8);
  await onEngine(two, async () => {
    const { z } = await model.run(x);
    const stop = new AbortController();
    const given = model.run(x, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    const next = model.run(x);
    try {
      await given;
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, 'enough');
    }
    same((await next).z, z);
  });
});

test('an input that is an integer may steer shapes', async () => {
  const parts: Parts = {
    inputs: { x: ['N', 6, 4, 4], shape: [2] },
    types: { shape: 'int64' },
    outputs: ['z', 'a'],
    nodes: ['Relu x > a', 'Reshape a shape > b', 'Relu b > z'],
  };
  const x = images(2, 6, 4, 4);
  for (const [rows, columns] of [
    [2, 96],
    [96, 2],
    [64, 3],
  ]) {
    const shape = fromData(Float64Array.of(rows, columns), [2]);
    const { got } = await both(parts, { x, shape });
    assert.equal(got.z.shape, [rows, columns]);
  }
});

test('a shape that only values tell is the reference’s, on every run', async () => {
  const parts: Parts = {
    inputs: { x: [2, 6, 4, 4] },
    outputs: ['z'],
    nodes: [
      parseNode('ReduceMax x > m', { axes: [0, 1, 2, 3], keepdims: 0 }),
      'Ceil m > c',
      parseNode('Cast c > k', { to: 7 }),
      parseNode('Unsqueeze k axis > rows', {}),
      parseNode('Concat rows minus > shape', { axis: 0 }),
      'Relu x > a',
      'Reshape a shape > b',
      'Relu b > d',
      'Add d two > z',
    ],
    tensors: { axis: integers([0]), minus: integers([-1]), two: floats([1], [2]) },
  };
  const model = createModel(makeModel(parts));
  for (const largest of [2, 4, 8]) {
    const values = Float32Array.from({ length: 192 }, (_, i) => (i === 100 ? largest : -i / 200));
    const x = fromData(values, [2, 6, 4, 4]);
    const { z } = await onEngine(two, () => model.run(x));
    const wanted = await onEngine(reference, () => model.run(x));
    assert.equal(z.shape, [largest, 192 / largest]);
    same(z, wanted.z);
  }
});

test('results are the caller’s own: no view of the kernels’ memory, whatever the output is', async () => {
  const { got } = await both(
    {
      inputs: { x: ['N', 8, 12, 12] },
      outputs: ['w', 'copy', 'flat', 'x', 'same', 'y'],
      nodes: ['Identity w > copy', 'Reshape w minus > flat', 'Identity x > same', 'Relu x > y'],
      tensors: { w: normals([40, 40]), minus: integers([-1]) },
    },
    { x: images(1, 8, 12, 12) },
  );
  for (const [name, { data }] of Object.entries(got)) {
    assert.is(deviceOf(data), undefined, name);
    assert.ok(data.buffer instanceof ArrayBuffer, name);
  }
});

test('weights that two nodes share, the same bias on different widths of panel', async () => {
  const same5 = { pads: [1, 1, 1, 1] };
  await both(
    {
      inputs: { x: ['N', 20, 9, 9] },
      outputs: ['z'],
      nodes: [
        parseNode('Conv x w b > a', same5),
        'Relu a > p',
        parseNode('Conv p w b > c', same5),
        'BatchNormalization c s b b v > d',
        parseNode('Conv d w b > e', { ...same5, strides: [2, 2] }),
        'Mul e g > z',
      ],
      tensors: {
        w: normals([20, 20, 3, 3]),
        b: normals([20]),
        s: normals([20]),
        g: normals([20, 1, 1]),
        v: floats([20], new Array(20).fill(1.5)),
      },
    },
    { x: images(2, 20, 9, 9) },
  );
});

test('a large batch in many blocks of tiles, and one image alone', async () => {
  const model = createModel(
    makeModel({
      inputs: { x: ['N', 16, 'H', 'W'] },
      outputs: ['z'],
      nodes: [parseNode('Conv x w > z', { pads: [1, 1, 1, 1] })],
      tensors: { w: normals([18, 16, 3, 3]) },
    }),
  );
  const [count, side] = [8, 81];
  const x = images(count, 16, side, side);
  const all = (await onEngine(two, () => model.run(x))).z;
  const size = 18 * side * side;
  for (const image of [0, 5, 7]) {
    const alone = fromData(x.data.slice(image * 16 * side * side, (image + 1) * 16 * side * side), [
      1,
      16,
      side,
      side,
    ]);
    const { z } = await onEngine(one, () => model.run(alone));
    same(z.data, all.data.slice(image * size, (image + 1) * size), `image ${image}`);
  }
});

test.run();
