import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blurred } from '../../../src/cam/metrics/blur.ts';
import { impute } from '../../../src/cam/metrics/imputation.ts';
import type { Probe, Relevance } from '../../../src/cam/metrics/metric.ts';
import { type MetricName, metricOf } from '../../../src/cam/metrics/metrics.ts';
import { brightestFirst } from '../../../src/cam/metrics/order.ts';
import { relevanceOf } from '../../../src/cam/metrics/relevance.ts';
import { contiguous, fromData, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { close } from '../../support/check.ts';

const test = suite('metrics of passes');

const mapOf = (rows: number[][]) => relevanceOf(tensor(rows)) as Relevance;
const valuesOf = (x: Tensor) => Array.from(contiguous(x).data);

/** A network whose probability is a function of the pixels, and whose map is the picture. */
function probeOf(pixels: readonly number[][], p: (values: number[]) => number): Probe {
  const input = tensor([[pixels as number[][]]], undefined, 'float32');
  return {
    input,
    grey: [0],
    seed: 0,
    probabilities: async (inputs) => Float64Array.from(inputs, (each) => p(valuesOf(each))),
    async mapOf(each) {
      const map = relevanceOf(fromData(Float64Array.from(contiguous(each).data), each.shape.slice(2)));
      return typeof map === 'string' ? undefined : map;
    },
    signedMap: async () => [-4, -3, 2, 1],
    randomisedMaps: async () => [[4, 3, -2, -1], undefined],
  };
}

function measured(name: MetricName, map: Relevance, probe: Probe): Promise<number> {
  const metric = metricOf(name);
  return metric.needs === 'passes' ? metric.measure(map, probe) : Promise.reject(new Error(name));
}

/** The share of the first pixel, of the picture's 0.8 in it. */
const first = probeOf(
  [
    [0.8, 1],
    [1, 1],
  ],
  ([value]) => value,
);

test('drop, increase and gain on map × input over grey', async () => {
  const half = mapOf([
    [1, 2],
    [0, 0],
  ]);
  // O = 0.8 · 1/2 = 0.4
  close(await measured('drop', half, first), 0.5, { relative: 1e-6 });
  assert.is(await measured('increase', half, first), 0);
  assert.is(await measured('gain', half, first), 0);
  // p = 1 − the second pixel: 0.2 of the picture, 0.6 where the map lets half of it through
  const second = probeOf(
    [
      [1, 0.8],
      [1, 1],
    ],
    (values) => 1 - values[1],
  );
  const other = mapOf([
    [2, 1],
    [0, 0],
  ]);
  assert.is(await measured('drop', other, second), 0);
  assert.is(await measured('increase', other, second), 1);
  close(await measured('gain', other, second), 0.5, { relative: 1e-6 });
});

test('insertion and deletion walk from the brightest pixel on', async () => {
  // 1 for each of four pixels that is the picture’s own, 1, rather than the mean: the mean of the picture is 1 itself
  const parted = probeOf(
    [
      [1, 0],
      [0, 0],
    ],
    ([value]) => value,
  );
  const map = mapOf([
    [4, 3],
    [2, 1],
  ]);
  // Inserted into the mean 0.25: p = 0.25 until the first pixel is in. Round(step · 4/20) ≥ 1 from step 3 on (0.6 rounds to 1); 2.5 steps at 0.25 and 17.5 at 1.
  close(await measured('insertion-mean', map, parted), (2.5 * 0.25 + 17.5) / 20, { relative: 1e-6 });
  close(await measured('deletion-mean', map, parted), (2.5 + 17.5 * 0.25) / 20, { relative: 1e-6 });
  const last = mapOf([
    [1, 2],
    [3, 4],
  ]);
  // The first pixel comes last: from step 18 on (3.6 rounds to 4)
  close(await measured('insertion-mean', last, parted), (17.5 * 0.25 + 2.5) / 20, { relative: 1e-6 });
});

test('the blurred picture keeps what is constant and loses contrast', async () => {
  const flat = blurred(
    tensor([
      [
        [
          [2, 2],
          [2, 2],
        ],
      ],
    ]),
  );
  close(flat, [2, 2, 2, 2], { relative: 1e-6 });
  const size = 32;
  const point = fromData(
    Float64Array.from({ length: size * size }, (_, i) => Number(i === 16 * size + 16)),
    [1, 1, size, size],
  );
  const { data } = blurred(point);
  // A Gaussian of 10 · 32/224 px: 1 / (2π σ²) at its top, cut at 5 px
  const std = (10 * size) / 224;
  close(data[16 * size + 16], 1 / (2 * Math.PI * std * std), { relative: 0.02 });
  close(
    Float64Array.from(data).reduce((sum, value) => sum + value, 0),
    1,
    { relative: 1e-6 },
  );
  assert.is(data[16 * size + 18], data[18 * size + 16]);
});

test('filled pixels are the mean of their neighbours, weighted 1/6 and 1/12', () => {
  const input = tensor([
    [
      [
        [0, 6, 0],
        [0, 99, 12],
        [0, 0, 24],
      ],
    ],
  ]);
  const gone = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
  const filled = impute(input, gone, 3).data[4];
  // 6/6 + 12/6 + 24/12 = 5, and noise of 0.01 · 99
  assert.ok(Math.abs(filled - 5) < 4, String(filled));
  const flat = tensor([
    [
      [
        [7, 7, 7],
        [7, 7, 7],
        [7, 7, 7],
      ],
    ],
  ]);
  close(impute(flat, Uint8Array.of(1, 1, 0, 1, 1, 0, 1, 1, 0), 3), new Float64Array(9).fill(7), {
    relative: 1e-6,
  });
});

test('several filled pixels are solved together', () => {
  // In one row only 1/6 beside counts: the two in the middle are 1 and 2 of 0 … 3
  const row = fromData(Float32Array.of(0, 50, 50, 3), [1, 1, 1, 4]);
  const spread = impute(row, Uint8Array.of(0, 1, 1, 0), 1);
  const again = impute(row, Uint8Array.of(0, 1, 1, 0), 1);
  assert.equal(valuesOf(spread), valuesOf(again));
  assert.ok(Math.abs(spread.data[1] - 1) < 2 && Math.abs(spread.data[2] - 2) < 2);
});

test('ROAD is the difference between removing the darkest and the brightest, halved', async () => {
  const side = 10;
  const rows = Array.from({ length: side }, (_, y) =>
    Array.from({ length: side }, (_, x) => Number(y === 0 && x === 0)),
  );
  // p is how bright the first pixel still is; its neighbours are dark
  const probe = probeOf(rows, ([value]) => Math.min(1, Math.max(0, Math.round(value))));
  const falling = mapOf(rows.map((row, y) => row.map((_, x) => 100 - (y * side + x))));
  close(await measured('road', falling, probe), 0.5, {});
  const rising = mapOf(rows.map((row, y) => row.map((_, x) => 1 + y * side + x)));
  close(await measured('road', rising, probe), -0.5, {});
});

test('coherency, complexity and ADCC', async () => {
  const probe = probeOf(
    [
      [0.8, 0.4],
      [0, 0],
    ],
    ([value]) => value,
  );
  const map = mapOf([
    [2, 1],
    [0, 0],
  ]);
  // What the map lets through: 0.8, 0.2; ρ of (2, 1, 0, 0) and (4, 1, 0, 0) is (9 − 15/4) / √((5 − 9/4)(17 − 25/4))
  const rho = (9 - 15 / 4) / Math.sqrt((5 - 9 / 4) * (17 - 25 / 4));
  close(await measured('coherency', map, probe), (1 + rho) / 2, { relative: 1e-6 });
  const complexity = metricOf('complexity');
  assert.is(complexity.needs === 'map' && complexity.measure(map), 1.5 / 4);
  const parts = [(1 + rho) / 2, 1 - 1.5 / 4, 1];
  close(await measured('adcc', map, probe), 3 / parts.reduce((sum, part) => sum + 1 / part, 0), {
    relative: 1e-6,
  });
});

test('sensitivity and stability are those of the method’s maps under noise', async () => {
  const probe = probeOf(
    [
      [4, 0],
      [0, 0],
    ],
    () => 1,
  );
  const map = mapOf([
    [4, 0],
    [0, 0],
  ]);
  const sensitivity = await measured('sensitivity', map, probe);
  // ±0.2 in every entry: at most a vector (3.8, 0.2, 0.2, 0.2) away
  assert.ok(sensitivity > 0 && sensitivity < 0.1, String(sensitivity));
  assert.ok((await measured('stability', map, probe)) > 0);
  const blind = { ...probe, mapOf: async () => undefined };
  assert.is(await measured('sensitivity', map, blind), Math.SQRT2);
  close(await measured('stability', map, blind), -1, {});
});

test('randomisation: the mean size of rank correlations, of signed maps and of absolute values; none for a map that is not finite', async () => {
  const map = mapOf([
    [0, 0],
    [2, 1],
  ]);
  // Ranks of −4 −3 2 1 are 1 2 4 3, of 4 3 −2 −1 they are 4 3 1 2: correlation −1, its size 1; and 0 for the second network
  close(await measured('randomisation', map, first), 0.5, {});
  close(await measured('randomisation-absolute', map, first), 0.5, {});
  // Ranks of 1 2 3 4 are those themselves: Σ d² with 4 3 1 2 is 9 + 1 + 4 + 4 = 18, 1 − 6·18/60 = −0.8; of absolute values 4 3 2 1: −1
  const upright = { ...first, signedMap: async () => [1, 2, 3, 4] };
  close(await measured('randomisation', map, upright), 0.4, {});
  close(await measured('randomisation-absolute', map, upright), 0.5, {});
  // The signed maps differ, their absolute values do not
  const flipped = { ...first, randomisedMaps: async () => [[-4, 3, 2, -1]] };
  close(await measured('randomisation', map, flipped), 0.4, {});
  close(await measured('randomisation-absolute', map, flipped), 1, {});
  assert.is(await measured('randomisation', map, { ...first, randomisedMaps: async () => [] }), 1);
});

test('sparsity and entropy', () => {
  const of = (name: MetricName, map: Relevance) => {
    const metric = metricOf(name);
    return metric.needs === 'map' ? metric.measure(map) : Number.NaN;
  };
  const one = mapOf([
    [0, 4],
    [0, 0],
  ]);
  const flat = mapOf([
    [2, 2],
    [2, 2],
  ]);
  // (2·4 − 4 − 1) · 4 / (4 · 4)
  assert.equal([of('sparsity', one), of('sparsity', flat)], [0.75, 0]);
  assert.is(of('entropy', one), 0);
  close(of('entropy', flat), 1, {});
  close(
    of(
      'entropy',
      mapOf([
        [1, 1],
        [0, 0],
      ]),
    ),
    0.5,
    {},
  );
});

test('equal pixels come in an order that the seed draws', () => {
  const flat = mapOf([
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ]);
  assert.equal(brightestFirst(flat, 1), brightestFirst(flat, 1));
  assert.not.equal(brightestFirst(flat, 1), brightestFirst(flat, 2));
  assert.equal(
    Array.from(
      brightestFirst(
        mapOf([
          [1, 3],
          [0, 2],
        ]),
        5,
      ),
    ),
    [1, 3, 0, 2],
  );
});

test.run();
