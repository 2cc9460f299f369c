/** What the true derivatives change: maps of two ways to the weights, side by side on the same scene. */
import { type Evidence, evidenceOf } from '../../src/cam/evidence.ts';
import { explain } from '../../src/cam/explain.ts';
import { camMap } from '../../src/cam/map.ts';
import { metrics } from '../../src/cam/metrics/metrics.ts';
import { moreMethods } from '../../src/cam/more/moreMethods.ts';
import { noisyInput } from '../../src/cam/noise.ts';
import type { NamedScore } from '../../src/cam/score.ts';
import { smoothGradCamPlusPlus } from '../../src/cam/smoothGradCamPlusPlus.ts';
import { masksOnInput } from '../../src/evaluate/masksOnInput.ts';
import { relevanceAt } from '../../src/evaluate/probe.ts';
import { sceneSet } from '../../src/evaluate/sets/sceneSet.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { Model } from '../../src/model/model.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';
import { type Pair, pairOf, type Refused, type Way } from './apart.ts';

/** A scene as the network sees it. */
interface Seen {
  readonly model: Model;
  readonly input: Tensor;
  readonly classIndex: number;
  readonly masks: readonly Uint8Array[];
}

export interface Noise {
  readonly samples: number;
  readonly sigma: number;
}

function wayOf(
  weights: ArrayLike<number>,
  activation: Tensor,
  { seen: { input, masks }, flipped }: { seen: Seen; flipped?: number },
): Way {
  const raw = camMap(activation, weights);
  const map = relevanceAt(raw, input);
  const focc = typeof map === 'string' ? 0 : metrics.focc.measure(map, masks);
  return { weights, map: contiguous(raw).data, focc: focc ?? 0, flipped };
}

/** Evidence of noisy inputs whose derivatives are divided by their own exp(z): each input counts alike. */
async function unweighted({ model, input, classIndex }: Seen, { sigma, samples }: Noise): Promise<Evidence> {
  const sums = { d1: [] as number[], d2: [] as number[], d3: [] as number[] };
  let clean: Evidence | undefined;
  for (let sample = -1; sample < samples; sample++) {
    const noisy = sample < 0 ? input : noisyInput(input, { sigma, seed: 0, sample });
    const made = await explain(model, noisy, { class: classIndex, methods: ['gradcam++'] });
    const evidence = made.evidence['gradcam++'] as Evidence;
    clean ??= evidence;
    if (sample < 0) continue;
    for (const name of ['d1', 'd2', 'd3'] as const) {
      for (const [i, value] of contiguous(evidence[name]).data.entries()) {
        sums[name][i] = (sums[name][i] ?? 0) + value / evidence.y / samples;
      }
    }
  }
  const { activation } = clean as Evidence;
  const part = (name: 'd1' | 'd2' | 'd3') => fromData(Float64Array.from(sums[name]), activation.shape);
  return evidenceOf({
    ...{ activation, classIndex, score: 'exp', y: 1 },
    ...{ d1: part('d1'), d2: part('d2'), d3: part('d3') },
  });
}

/** The same weights in another order: what two ways that have nothing to do with each other agree in by chance. */
function shuffled(weights: ArrayLike<number>): number[] {
  const random = createRandom(0, weights.length);
  const own = Array.from(weights);
  for (let i = own.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [own[i], own[j]] = [own[j], own[i]];
  }
  return own;
}

/** Scores whose true derivatives are held against powers of the logit's gradient. */
const scores: readonly NamedScore[] = ['exp', 'prob', 'logprob', 'logit'];

async function trueOrPowered(seen: Seen, score: NamedScore): Promise<(Pair | Refused)[]> {
  const title = `derivatives of ${score}, true or powers of the gradient`;
  const methods = ['gradcam++', 'gradcam++powered'] as const;
  const { model, input, classIndex } = seen;
  try {
    const { maps, evidence } = await explain(model, input, {
      ...{ class: classIndex, score, methods, moreMethods },
    });
    const { activation, d1 } = evidence['gradcam++'];
    const [exact, powered] = methods.map((name) => maps[name].weights as Float64Array);
    const alive = contiguous(d1).data.filter((value) => value !== 0).length;
    const flipped = (maps['gradcam++'].counts?.flipped ?? 0) / Math.max(1, alive);
    const first = wayOf(exact, activation, { seen, flipped });
    const pairs = [pairOf(title, [first, wayOf(powered, activation, { seen })])];
    if (score !== 'exp') return pairs;
    const chance = wayOf(shuffled(exact), activation, { seen });
    return [...pairs, pairOf('control: the same weights in another order', [first, chance])];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ title, refused: error.message }];
  }
}

/** Everything that is held against something on one scene; a score without curvature is refused. */
export async function derivativePairs(
  model: Model,
  scene: number,
  { samples, sigma }: Noise,
): Promise<(Pair | Refused)[]> {
  const labels = model.labels ?? [];
  const { picture, label, masks } = sceneSet('scenes', { count: scene + 1, seed: 0, labels }).read(scene);
  const { input, crop } = preprocessFor(model, picture);
  const frame = { width: input.shape[3], height: input.shape[2] };
  const onInput = masksOnInput(masks, picture, { crop, input: frame });
  const classIndex = labels.indexOf(label ?? '');
  const seen: Seen = { model, input, classIndex, masks: onInput.filter((mask) => mask !== undefined) };
  const pairs: (Pair | Refused)[] = [];
  for (const score of scores) pairs.push(...(await trueOrPowered(seen, score)));
  const methods = ['gradcam++', 'smoothgradcam++', 'smoothgradcam++printed'] as const;
  const made = await explain(model, input, { class: classIndex, methods, samples, sigma, moreMethods });
  const { activation } = made.evidence['smoothgradcam++'];
  const [plain, smooth, printed] = methods.map((name) =>
    wayOf(made.maps[name].weights as Float64Array, activation, { seen }),
  );
  const alike = smoothGradCamPlusPlus(await unweighted(seen, { sigma, samples })).weights;
  return [
    ...pairs,
    pairOf('Smooth Grad-CAM++ or Grad-CAM++', [smooth, plain]),
    pairOf('D2 or D1 above in α', [smooth, printed]),
    pairOf('noisy inputs weighed by exp(z), or alike', [smooth, wayOf(alike, activation, { seen })]),
  ];
}
