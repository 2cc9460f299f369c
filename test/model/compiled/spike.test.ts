/** What docs/limits.md says about Winograd's transforms beside one very large value. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createModel } from '../../../src/model/model.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { contiguous, fromData } from '../../../src/tensor/tensor.ts';
import { type Engine, engines, onEngine } from '../../support/backends.ts';
import { floats, makeModel, parseNode } from '../../support/makeModel.ts';

const test = suite('beside a spike');

const CHANNELS = 16;
const SIDE = 24;
/** The large value's place; its tile of outputs is rows and columns 8 … 11. */
const [CHANNEL, ROW, COLUMN] = [3, 10, 10];

const random = createRandom(1);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const image = normals(CHANNELS * SIDE * SIDE);
const network = makeModel({
  inputs: { x: [1, CHANNELS, SIDE, SIDE] },
  outputs: ['y'],
  nodes: [parseNode('Conv x w > y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })],
  tensors: { w: floats([CHANNELS, CHANNELS, 3, 3], normals(CHANNELS * CHANNELS * 9)) },
});

/** Outputs of the kernels against the reference where they do not see the value: the largest difference, and where they are no numbers. */
async function besideSpike(spike: number): Promise<{ error: number; lost: number; places: Set<string> }> {
  const x = image.slice();
  x[(CHANNEL * SIDE + ROW) * SIDE + COLUMN] = spike;
  const run = async (engine: Engine) => {
    const { y } = await onEngine(engine, () =>
      createModel(network).run(fromData(x, [1, CHANNELS, SIDE, SIDE])),
    );
    return contiguous(y).data;
  };
  const [wanted, got] = [await run(engines[0]), await run(engines[1])];
  const places = new Set<string>();
  let [error, lost] = [0, 0];
  for (const [i, value] of got.entries()) {
    const [row, column] = [Math.floor(i / SIDE) % SIDE, i % SIDE];
    if (Math.abs(row - ROW) <= 1 && Math.abs(column - COLUMN) <= 1) continue;
    assert.ok(Number.isFinite(wanted[i]), 'the reference has a number wherever the value is not seen');
    if (Number.isFinite(value)) error = Math.max(error, Math.abs(value - wanted[i]));
    else {
      lost++;
      places.add(`${row},${column}`);
    }
  }
  return { error, lost, places };
}

for (const spike of [1e3, 1e6, 1e10]) {
  test(`one value of ${spike}: its tile is off by no more than its roundings`, async () => {
    const { error, lost } = await besideSpike(spike);
    assert.is(lost, 0);
    assert.ok(error <= 4e-6 * spike, `off by ${error}`);
  });
}

for (const spike of [Number.POSITIVE_INFINITY, Number.NaN]) {
  test(`one ${spike}: its tile is lost, and no more`, async () => {
    const { lost, places } = await besideSpike(spike);
    assert.equal([...places], ['8,8', '8,9', '8,10', '8,11', '9,8', '10,8', '11,8']);
    assert.is(lost, 7 * CHANNELS);
  });
}

test.run();
