/** Laws that hold for every head, tried on random ones; `npm run laws` tries more. */
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagonal } from '../../src/autodiff/diagonal/diagonal.ts';
import { jvp } from '../../src/autodiff/forward.ts';
import { hvp } from '../../src/autodiff/mixed.ts';
import { add, mul, power, reshape, sum, takeAt } from '../../src/autodiff/operations.ts';
import { grad, vjp } from '../../src/autodiff/reverse.ts';
import { evidenceOf } from '../../src/cam/evidence.ts';
import { gradCamPlusPlus } from '../../src/cam/gradCamPlusPlus.ts';
import { createScore, scoreNames } from '../../src/cam/score.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { engines, onEngine } from '../support/backends.ts';
import { close, type Tolerance } from '../support/check.ts';
import { CLASSES, drawnHead, headOf, homogeneousNames } from '../support/random/randomHead.ts';

const test = suite('laws of derivatives');
const settings = {
  numRuns: Number(process.env.JETGRAD_RUNS ?? 25),
  seed: Number(process.env.JETGRAD_SEED ?? 1),
};
const classes = fc.nat(CLASSES - 1);
const named = fc.constantFrom(...scoreNames);
const pick = (z: Tensor, c: number) => takeAt(z, Int32Array.of(c), []);
const dot = (a: Tensor, b: Tensor) => sum(mul(a, b)).data[0];
const largest = ({ data }: Tensor) => Array.from(data).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

function closeAll(
  got: { readonly derivatives: readonly Tensor[] },
  wanted: { readonly derivatives: readonly Tensor[] },
  { label, ...tolerance }: Tolerance & { readonly label: string },
): void {
  for (const [r, d] of wanted.derivatives.entries())
    close(got.derivatives[r], d, tolerance, `D${r + 1}, ${label}`);
}

test('every plan that applies, nested forward mode and both backends agree', async () => {
  const law = fc.asyncProperty(
    drawnHead(),
    named,
    classes,
    fc.nat(1000),
    async (drawn, name, classIndex, at) => {
      const { head, activation } = headOf(drawn);
      const score = createScore(name, { classIndex });
      const jets = diagonal(head, activation, { score, plan: 'jets' });
      const tolerance = { relative: 1e-9, absolute: 1e-11 * (1 + largest(jets.d1) ** 3) };
      for (const { name: plan, applicable } of jets.plan.candidates) {
        if (!applicable) continue;
        const found = diagonal(head, activation, { score, plan });
        closeAll(found, jets, { ...tolerance, label: plan });
      }
      for (const engine of engines.slice(0, 2)) {
        const found = await onEngine(engine, () => diagonal(head, activation, { score }));
        closeAll(found, jets, { ...tolerance, label: engine.name });
      }
      const entry = at % sizeOf(activation.shape);
      const direction = fromData(
        Float64Array.from(activation.data, (_, i) => (i === entry ? 1 : 0)),
        activation.shape,
      );
      let f = (x: Tensor) => score.value(head(x)).y;
      for (const d of jets.derivatives) {
        const lower = f;
        f = (x) => jvp(lower, x, direction).dy;
        close(contiguous(f(activation)).data, [d.data[entry]], tolerance, 'nested');
      }
    },
  );
  await fc.assert(law, settings);
});

test('the derivatives of all probabilities sum to zero', () => {
  const law = fc.property(drawnHead(), (drawn) => {
    const { head, activation } = headOf(drawn);
    const all = Array.from({ length: CLASSES }, (_, classIndex) =>
      diagonal(head, activation, { score: createScore('prob', { classIndex }) }),
    );
    for (let r = 0; r < 3; r++) {
      const most = Math.max(...all.map((each) => largest(each.derivatives[r])));
      const total = all.map((each): Tensor => each.derivatives[r]).reduce((a, b) => add(a, b));
      close(
        total,
        mul(total, 0),
        { absolute: 1e-12 * most + 1e-14 * (1 + largest(all[0].d1)) },
        `order ${r + 1}`,
      );
    }
  });
  fc.assert(law, settings);
});

test('probabilities do not see a number added to all logits', () => {
  const law = fc.property(
    drawnHead(),
    classes,
    fc.double({ min: -50, max: 50, noNaN: true }),
    (drawn, classIndex, shift) => {
      const { head, activation } = headOf(drawn);
      const score = createScore('logprob', { classIndex });
      const [plain, shifted] = [head, (a: Tensor) => add(head(a), shift)].map((f) =>
        diagonal(f, activation, { score }),
      );
      const absolute = 1e-12 * (1 + largest(plain.d1) ** 3);
      closeAll(shifted, plain, { relative: 1e-9, absolute, label: 'shifted' });
    },
  );
  fc.assert(law, settings);
});

test('a head without constants is Σ a_i g_i (Euler)', () => {
  const law = fc.property(drawnHead(homogeneousNames), classes, (drawn, c) => {
    const { head, activation } = headOf(drawn);
    const z = pick(head(activation), c).data[0];
    const g = grad((a: Tensor) => pick(head(a), c))(activation);
    close(dot(activation, g), z, { absolute: 1e-12 * (1 + largest(g)) }, 'Σ a g');
  });
  fc.assert(law, settings);
});

test('Hessians are symmetric, and forward and reverse mode adjoint', () => {
  const law = fc.property(drawnHead(), named, classes, (drawn, name, classIndex) => {
    const { head, activation, normals } = headOf(drawn);
    const score = createScore(name, { classIndex });
    const f = (a: Tensor) => score.value(head(a)).y;
    const [u, v] = [normals(...activation.shape), normals(...activation.shape)];
    const [hv, hu] = [hvp(f, activation, v), hvp(f, activation, u)];
    close(dot(u, hv), dot(v, hu), { relative: 1e-9, absolute: 1e-10 * (1 + largest(hv)) }, 'uᵀHv');
    const w = normals(CLASSES);
    const { dy } = jvp(head, activation, u);
    const back = vjp(head, activation).pullback(w);
    close(dot(w, dy), dot(back, u), { relative: 1e-11, absolute: 1e-12 * (1 + largest(back)) }, '⟨w, Ju⟩');
  });
  fc.assert(law, settings);
});

test('α of Grad-CAM++ does not see a factor of the score: its weights scale with it', () => {
  // A power of two changes no bit, and so no α of derivatives that are but roundings.
  const law = fc.property(drawnHead(), fc.integer({ min: -20, max: 20 }), (drawn, exponent) => {
    const { head, activation } = headOf(drawn);
    const maps = (x: Tensor) => reshape(x, activation.shape.slice(1));
    const factor = 2 ** exponent;
    const [one, scaled] = [1, factor].map((k) => {
      const { y, d1, d2, d3 } = diagonal((a) => mul(k, sum(power(head(a), 3))), activation);
      const derivatives = { d1: maps(d1), d2: maps(d2), d3: maps(d3) };
      const known = { activation: maps(activation), score: 'custom', classIndex: 0 } as const;
      return gradCamPlusPlus(evidenceOf({ ...known, y, ...derivatives })).weights;
    });
    const wanted = Float64Array.from(one, (weight) => factor * weight);
    close(scaled, wanted, { relative: 1e-14 }, 'weights');
  });
  fc.assert(law, settings);
});

test('the fourth derivative of a cubic is zero', () => {
  const law = fc.property(drawnHead(homogeneousNames), (drawn) => {
    const { head, activation } = headOf(drawn);
    const { derivatives } = diagonal((a) => sum(power(head(a), 3)), activation, { order: 4 });
    assert.ok(derivatives[3].data.every((value) => Math.abs(value) === 0));
  });
  fc.assert(law, settings);
});

test.run();
