import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '../../src/cam/explain.ts';
import { noisyInput } from '../../src/cam/noise.ts';
import { searchSigma } from '../../src/cam/searchSigma.ts';
import { createModel } from '../../src/model/model.ts';
import { fromData } from '../../src/tensor/tensor.ts';
import { floats, makeModel } from '../support/makeModel.ts';

const test = suite('sigma auto');

/** Two classes whose logits are the two pixels, each once more for a 1 × 1 convolution to pass. */
const network = createModel(
  makeModel({
    inputs: { x: ['N', 1, 1, 2] },
    outputs: ['z'],
    nodes: ['Conv x one > a', 'Flatten a > f', 'Gemm f unit > z'],
    tensors: { one: floats([1, 1, 1, 1], [1]), unit: floats([2, 2], [1, 0, 0, 1]) },
  }),
);

test('the pixels are the logits: sample s flips at σ_s = 1/(n₂ − n₁), so σ lies below the sixth smallest of 25', async () => {
  const image = fromData(Float32Array.of(1, 0), [1, 1, 1, 2]);
  // Range 1, so noise of σ = 1 is n itself.
  const flips = Array.from({ length: 25 }, (_, sample) => {
    const { data } = noisyInput(image, { sigma: 1, seed: 2, sample });
    const difference = data[1] - (data[0] - 1);
    return difference > 0 ? 1 / difference : Number.POSITIVE_INFINITY;
  });
  // Those noise levels are above 0.15: all is survived, and the first try says so.
  assert.ok(Math.min(...flips) > 0.15);
  const { choices } = await explain(network, image, { sigma: 'auto', seed: 2, methods: ['smoothgrad'] });
  assert.is(choices.sigma, 0.15);
  assert.equal(choices.sigmasTried, [{ sigma: 0.15, onTop: 24, samples: 24 }]);

  // A lead of 1 in a range of 20: the same noise flips at a twentieth.
  const close = fromData(Float32Array.of(1, 0, 20), [1, 1, 1, 3]);
  const wide = createModel(
    makeModel({
      inputs: { x: ['N', 1, 1, 3] },
      outputs: ['z'],
      nodes: ['Conv x one > a', 'Flatten a > f', 'Gemm f two > z'],
      tensors: { one: floats([1, 1, 1, 1], [1]), two: floats([3, 2], [1, 0, 0, 1, 0, 0]) },
    }),
  );
  const thresholds = Array.from({ length: 25 }, (_, sample) => {
    const { data } = noisyInput(fromData(new Float64Array([0, 0, 1]), [1, 1, 3]), {
      sigma: 1,
      seed: 0,
      sample,
    });
    const difference = data[1] - data[0];
    return difference > 0 ? 1 / (20 * difference) : Number.POSITIVE_INFINITY;
  }).sort((a, b) => a - b);
  const found = (await explain(wide, close, { sigma: 'auto', methods: ['smoothgrad'] })).choices;
  assert.ok(thresholds[5] < 0.15);
  assert.ok(found.sigma < thresholds[5] && found.sigma > thresholds[5] - 0.15 / 64 - 2e-4);
  assert.is(found.sigmasTried?.length, 7);
  assert.is(found.noiseStd, 20 * found.sigma);
});

test('a σ ends once its verdict is certain, and none is tried twice', async () => {
  const seen: string[] = [];
  const survives = (sigma: number) => (sigma < 0.05 ? 1 : 0);
  const { sigma, tried } = await searchSigma({
    samples: 10,
    batch: 3,
    onTop: async (sigma, first, count) => {
      seen.push(`${sigma} ${first}`);
      return survives(sigma) * count;
    },
  });
  assert.equal(
    tried.map((each) => each.sigma),
    [0.15, 0.075, 0.0375, 0.0562, 0.0469, 0.0515, 0.0492],
  );
  // Three failures of ten settle it, and eight successes.
  assert.equal(tried[0], { sigma: 0.15, onTop: 0, samples: 3 });
  assert.equal(tried[2], { sigma: 0.0375, onTop: 9, samples: 9 });
  assert.is(sigma, 0.0492);
  assert.is(new Set(seen).size, seen.length);
});

test('none found: σ is 0, with a warning', async () => {
  // The lead is a thousandth of the range.
  const image = fromData(Float32Array.of(1000, 1000.9, -1000), [1, 1, 1, 3]);
  const model = createModel(
    makeModel({
      inputs: { x: ['N', 1, 1, 3] },
      outputs: ['z'],
      nodes: ['Conv x one > a', 'Flatten a > f', 'Gemm f two > z'],
      tensors: { one: floats([1, 1, 1, 1], [1]), two: floats([3, 2], [1, 0, 0, 1, 0, 0]) },
    }),
  );
  const { choices, warnings } = await explain(model, image, { sigma: 'auto', methods: ['smoothgrad'] });
  assert.is(choices.sigma, 0);
  assert.is(choices.samples, 1);
  assert.match(warnings.join(' '), /No noise from σ 0\.002\d on .*σ is 0/);
});

test('another word is refused, and where nothing is smoothed nothing is tried', async () => {
  const image = fromData(Float32Array.of(1, 0), [1, 1, 1, 2]);
  const refusal = explain(network, image, { sigma: 'most' as 'auto' }).then(String, String);
  assert.match(await refusal, /sigma must be a number or 'auto', got "most"/);
  const { choices } = await explain(network, image, { sigma: 'auto', methods: ['gradcam'] });
  assert.is(choices.sigmasTried, undefined);
});

test.run();
