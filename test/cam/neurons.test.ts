import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evidenceOf } from '../../src/cam/evidence.ts';
import type { Explanation } from '../../src/cam/explanation.ts';
import { methodOf } from '../../src/cam/methods.ts';
import { type NeuronOptions, neurons } from '../../src/cam/neurons.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { tensor } from '../../src/tensor/tensor.ts';
import { close } from '../support/check.ts';
import { generalEvidence } from './makeEvidence.ts';

const test = suite('neurons');

/** What of an explanation is read, by the methods named. */
function explained(
  evidence: ReturnType<typeof evidenceOf>,
  names: readonly ('gradcam' | 'gradcam++' | 'layercam')[],
  select?: Explanation['choices']['select'],
): Explanation {
  const choices = { select, numerator: 'second' } as Explanation['choices'];
  const made = names.map((name) => {
    const row = methodOf(name);
    if (row.of !== 'layer') throw new Error('Internal: a method of a layer is wanted');
    return [name, { ...row.map(evidence, choices), logScale: 2, score: 'exp' }];
  });
  return {
    layer: 'features',
    choices,
    maps: Object.fromEntries(made),
    evidence: Object.fromEntries(names.map((name) => [name, evidence])),
  } as unknown as Explanation;
}

/** Two maps of 1 × 2 cells; Grad-CAM's weights are the means of D1: 2 and −1. */
const small = evidenceOf({
  activation: tensor([[[3, 1]], [[4, 0]], [[0, 0]]]),
  ...{ score: 'logit', classIndex: 0, y: 1 },
  d1: tensor([[[1, 3]], [[-2, 0]], [[5, 5]]]),
  d2: tensor([[[1, 1]], [[1, 0]], [[0, 0]]]),
  d3: tensor([[[0.5, 0]], [[0.25, 0]], [[0, 0]]]),
});

test('weights, shares and numbers as worked out by hand', () => {
  const found = neurons(explained(small, ['gradcam']), { maps: [0, 1] });
  assert.equal([found.layer, found.method, found.score, found.logScale], ['features', 'gradcam', 'exp', 2]);
  assert.equal(Array.from(found.weights), [2, -1, 5]);
  // w·A: 6, 2 | −4, 0 | 0, 0; Σ|w·A| = 12
  assert.equal(
    found.maps.map(({ k, rank, weight, share }) => ({ k, rank, weight, share })),
    [
      { k: 0, rank: 2, weight: 2, share: 8 / 12 },
      { k: 1, rank: 3, weight: -1, share: -4 / 12 },
    ],
  );
  assert.equal(found.maps[0].neurons, [
    { k: 0, y: 0, x: 0, activation: 3, d1: 1, d2: 1, d3: 0.5, share: 0.5 },
  ]);
  assert.equal(found.maps[1].neurons, [
    { k: 1, y: 0, x: 0, activation: 4, d1: -2, d2: 1, d3: 0.25, share: -4 / 12 },
  ]);
});

test('a silent map may have the largest weight, and has no share and no neurons', () => {
  const explanation = explained(small, ['gradcam']);
  const shares = (options: NeuronOptions) => neurons(explanation, options).maps.map(({ k }) => k);
  assert.equal(shares({ maps: 'top:2' }), [2, 0]);
  assert.equal(shares({ maps: { top: 2 }, by: 'share' }), [0, 1]);
  const [silent] = neurons(explanation, { maps: '2' }).maps;
  assert.equal([silent.share, silent.neurons.length], [0, 0]);
});

test('α is that which weighs the maps: w_k = Σ α ReLU(D1)', () => {
  const evidence = generalEvidence([4, 1, 1], 10);
  const { maps, weights } = neurons(explained(evidence, ['gradcam++']), { maps: [0, 1, 2, 3] });
  assert.is(maps.length, 4);
  for (const map of maps) {
    for (const { alpha, d1 } of map.neurons) {
      close(Math.max(0, d1) * (alpha as number), weights[map.k], { relative: 1e-15 });
    }
  }
});

test('absolute shares of all neurons sum to 1; those of a map to its own', () => {
  const evidence = generalEvidence([5, 3, 4], 14);
  const { maps, weights } = neurons(explained(evidence, ['gradcam++']), { maps: 'top:5', each: 12 });
  const a = Float64Array.from(evidence.activation.data);
  const total = a.reduce((sum, value, i) => sum + Math.abs(weights[Math.floor(i / 12)] * value), 0);
  for (const { k, share } of maps) {
    const own = a.slice(12 * k, 12 * k + 12).reduce((sum, value) => sum + weights[k] * value, 0);
    close(share, own / total, { relative: 1e-12 });
  }
});

test('with a selection only its entries take part', () => {
  const select = { region: { y0: 0, x0: 1, y1: 1, x1: 2 }, maps: [0, 1] };
  const { maps } = neurons(explained(small, ['gradcam'], select), { maps: 'top:3' });
  assert.equal(
    maps.map(({ k, share }) => [k, share]),
    [
      [0, 1],
      [1, 0],
    ],
  );
  assert.equal(
    maps[0].neurons.map(({ x }) => x),
    [1],
  );
});

test('receptive fields are asked of the model', () => {
  const asked: unknown[] = [];
  const model = {
    receptiveField(
      layer: string | number | undefined,
      cells: { y0: number; x0: number; y1: number; x1: number },
    ) {
      asked.push([layer, cells]);
      return { y0: 0, x0: 0, y1: 7, x1: 5 };
    },
  };
  const { maps } = neurons(explained(small, ['gradcam']), { maps: '0', model });
  assert.equal(maps[0].neurons[0].field, { y0: 0, x0: 0, y1: 7, x1: 5 });
  assert.equal(asked, [['features', { y0: 0, x0: 0, y1: 1, x1: 1 }]]);
});

test('refuses in words', () => {
  const refuses = (run: () => unknown, words: RegExp) =>
    assert.throws(run, (error: Error) => error instanceof InputError && words.test(error.message));
  const explanation = explained(small, ['gradcam', 'layercam']);
  assert.is(neurons(explanation).method, 'gradcam');
  refuses(() => neurons(explained(small, ['layercam'])), /weighs feature maps: .*explain by gradcam\+\+/);
  refuses(() => neurons(explanation, { method: 'layercam' }), /by "layercam": .*it has gradcam/);
  refuses(() => neurons(explanation, { maps: '9' }), /a map must be in 0 … 2, got 9/);
  refuses(() => neurons(explanation, { maps: 'all' }), /read maps "all"/);
  refuses(() => neurons(explanation, { by: 'wight' as never }), /by must be weight or share, got "wight"/);
  refuses(() => neurons(explanation, { eech: 3 } as never), /there is no option "eech"; did you mean "each"/);
  refuses(() => neurons(undefined as never), /the explanation must be a record/);
});

test.run();
