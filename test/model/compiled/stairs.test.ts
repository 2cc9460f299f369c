import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeValues } from '../../../src/model/data/encode.ts';
import type { ElementType, ModelData, StoredTensor } from '../../../src/model/data/format.ts';
import { createModel } from '../../../src/model/model.ts';
import { fromData } from '../../../src/tensor/tensor.ts';
import { engines, onEngine } from '../../support/backends.ts';
import { same } from '../../support/check.ts';
import { operatorsOnDevice } from '../../support/operatorsOnDevice.ts';

const test = suite('pairs that round, on the device');

const stored = (dtype: ElementType, values: readonly number[]): StoredTensor => ({
  dtype,
  shape: [],
  bytes: encodeValues(dtype, values),
});

interface Pair {
  readonly scale: number;
  readonly zero?: readonly [dtype: ElementType, value: number];
  /** Of the way back, where it is another. */
  readonly backScale?: number;
}

/** x, rounded and scaled back, behind a ReLU that the device computes as well. */
function networkOf({ scale, zero, backScale = scale }: Pair): ModelData {
  const names = zero === undefined ? [] : ['zero'];
  return {
    name: 'stairs',
    inputs: [{ name: 'x', shape: [1, 6, 4, 4], dtype: 'float32' }],
    outputs: [{ name: 'y', dtype: 'float32' }],
    nodes: [
      { name: 'q', op: 'QuantizeLinear', inputs: ['x', 'scale', ...names], outputs: ['q'], attributes: {} },
      { name: 'd', op: 'DequantizeLinear', inputs: ['q', 'back', ...names], outputs: ['d'], attributes: {} },
      { name: 'r', op: 'LeakyRelu', inputs: ['d'], outputs: ['y'], attributes: { alpha: 0.5 } },
    ],
    tensors: new Map([
      ['scale', stored('float32', [scale])],
      ['back', stored('float32', [backScale])],
      ...(zero === undefined ? [] : [['zero', stored(zero[0], [zero[1]])] as const]),
    ]),
    source: { opset: 21 },
  };
}

const pairs: readonly Pair[] = [
  { scale: 0.037, zero: ['uint8', 131] },
  { scale: 0.25, zero: ['int8', -3] },
  { scale: 0.25, zero: ['int4', 1] },
  { scale: 0.001, zero: ['int16', 500] },
  { scale: 0.5 },
];

/** Halves of steps, bounds, what lies beyond, and −0. */
const x = fromData(
  Float32Array.from({ length: 96 }, (_, i) => [(i - 40) * 0.125, (i - 48) * 1.37, -0, 1e9 * (i - 47)][i % 4]),
  [1, 6, 4, 4],
);

for (const pair of pairs) {
  test(`${JSON.stringify(pair)}: the bits of the reference`, async () => {
    const data = networkOf(pair);
    const [wanted] = engines.filter(({ backend }) => backend === 'reference');
    const { y } = await onEngine(wanted, () => createModel(data).run(x));
    for (const engine of engines.filter(({ backend }) => backend === 'wasm')) {
      await onEngine(engine, async () => {
        assert.ok(operatorsOnDevice(data, { x }).includes('QuantizeLinear'), 'on the device');
        same((await createModel(data).run(x)).y, y, engine.name);
      });
    }
  });
}

test('two scales are no pair', async () => {
  const data = networkOf({ scale: 0.5, backScale: 0.25, zero: ['uint8', 3] });
  const [engine] = engines.filter(({ backend }) => backend === 'wasm');
  await onEngine(engine, async () => {
    assert.not.ok(operatorsOnDevice(data, { x }).includes('QuantizeLinear'));
  });
});

test.run();
