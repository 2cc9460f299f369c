/** What the true derivatives change: maps of two ways to the weights, side by side on the same scenes. */
import { type Evidence, evidenceOf } from '../../src/cam/evidence.ts';
import { explain } from '../../src/cam/explain.ts';
import { correlationOf } from '../../src/cam/metrics/ranks.ts';
import { moreMethods } from '../../src/cam/more/moreMethods.ts';
import { noisyInput } from '../../src/cam/noise.ts';
import type { NamedScore } from '../../src/cam/score.ts';
import { smoothGradCamPlusPlus } from '../../src/cam/smoothGradCamPlusPlus.ts';
import { sceneSet } from '../../src/evaluate/sets/sceneSet.ts';
import { preprocessFor } from '../../src/image/preprocessFor.ts';
import type { Model } from '../../src/model/model.ts';
import { InputError } from '../../src/tensor/errors.ts';
import { contiguous, fromData, type Tensor } from '../../src/tensor/tensor.ts';

/** Weights and a map. */
interface Way {
  readonly weights: ArrayLike<number>;
  readonly map: ArrayLike<number>;
  /** Share of the entries with a derivative whose α is below 0. */
  readonly flipped?: number | undefined;
}

/** How far two ways lie apart, means over scenes. */
export interface Apart {
  readonly title: string;
  readonly count: number;
  /** Pearson's correlation of the weights. */
  readonly correlation: number;
  /** Overlap of the parts of the maps above half of their maximum. */
  readonly overlap: number;
  /** Share of the eight feature maps of the largest weights that both have. */
  readonly top: number;
  /** Of the first way. */
  readonly flipped: number;
  /** Empty maps of the first way and of the second. */
  readonly empty: readonly [number, number];
}

function half(map: ArrayLike<number>): boolean[] {
  const most = Array.from(map).reduce((a, b) => Math.max(a, b), 0);
  return Array.from(map, (value) => most > 0 && value >= most / 2);
}

function overlapOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [half(a), half(b)];
  let [both, either] = [0, 0];
  for (const [i, inside] of first.entries()) {
    both += Number(inside && second[i]);
    either += Number(inside || second[i]);
  }
  return either === 0 ? 1 : both / either;
}

const TOP = 8;

function topOf(weights: ArrayLike<number>): Set<number> {
  const order = Array.from(weights, (_, k) => k).sort(
    (a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b,
  );
  return new Set(order.slice(0, TOP));
}

function wayOf(w: Float64Array, activation: Tensor, flipped?: number): Way {
  const a = contiguous(activation).data;
  const cells = a.length / w.length;
  const map = new Float64Array(cells);
  for (const [k, weight] of w.entries()) for (let i = 0; i < cells; i++) map[i] += weight * a[k * cells + i];
  return { weights: w, map: map.map((value) => Math.max(0, value)), flipped };
}

function apart(title: string, pairs: readonly (readonly [Way, Way])[]): Apart {
  const mean = (of: (pair: readonly [Way, Way]) => number) =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const isEmpty = ({ map }: Way) => Array.from(map).every((value) => value === 0);
  return {
    title,
    count: pairs.length,
    correlation: mean(([a, b]) => correlationOf(a.weights, b.weights)),
    overlap: mean(([a, b]) => overlapOf(a.map, b.map)),
    top: mean(([a, b]) => {
      const other = topOf(b.weights);
      return [...topOf(a.weights)].filter((k) => other.has(k)).length / other.size;
    }),
    flipped: mean(([a]) => a.flipped ?? Number.NaN),
    empty: [pairs.filter(([a]) => isEmpty(a)).length, pairs.filter(([, b]) => isEmpty(b)).length],
  };
}

/** Evidence of noisy inputs whose derivatives are divided by their own exp(z): each input counts alike. */
async function unweighted(
  model: Model,
  image: Tensor,
  { classIndex, sigma, samples }: { classIndex: number; sigma: number; samples: number },
): Promise<Evidence> {
  const sums = { d1: [] as number[], d2: [] as number[], d3: [] as number[] };
  let clean: Evidence | undefined;
  for (let sample = -1; sample < samples; sample++) {
    const input = sample < 0 ? image : noisyInput(image, { sigma, seed: 0, sample });
    const made = await explain(model, input, { class: classIndex, methods: ['gradcam++'] });
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
    activation,
    classIndex,
    score: 'exp',
    y: 1,
    d1: part('d1'),
    d2: part('d2'),
    d3: part('d3'),
  });
}

export interface Experiment {
  readonly scenes: number;
  readonly samples: number;
  readonly sigma: number;
}

/** Scores whose true derivatives are held against powers of the logit's gradient. */
const scores: readonly NamedScore[] = ['exp', 'prob', 'logprob', 'logit'];

/** Everything that is held against something of one network; a score without curvature is a line of its own. */
export async function derivativeRows(
  model: Model,
  { scenes, samples, sigma }: Experiment,
  onScene: () => void,
): Promise<(Apart | { readonly title: string; readonly refused: string })[]> {
  const labels = model.labels ?? [];
  const set = sceneSet('scenes', { count: scenes, seed: 0, labels });
  const pairs = new Map<string, (readonly [Way, Way])[]>();
  const refused = new Map<string, string>();
  const add = (title: string, pair: readonly [Way, Way]) =>
    pairs.set(title, [...(pairs.get(title) ?? []), pair]);
  for (let i = 0; i < scenes; i++) {
    const { picture, label } = set.read(i);
    const { input } = preprocessFor(model, picture);
    const classIndex = labels.indexOf(label ?? '');
    for (const score of scores) {
      const title = `derivatives of ${score}, true or powers of the gradient`;
      try {
        const methods = ['gradcam++', 'gradcam++powered'] as const;
        const { maps, evidence } = await explain(model, input, {
          class: classIndex,
          score,
          methods,
          moreMethods,
        });
        const { activation, d1 } = evidence['gradcam++'];
        const [exact, powered] = methods.map((name) => maps[name].weights as Float64Array);
        const alive = contiguous(d1).data.filter((value) => value !== 0).length;
        const flipped = (maps['gradcam++'].counts?.flipped ?? 0) / Math.max(1, alive);
        add(title, [wayOf(exact, activation, flipped), wayOf(powered, activation)]);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        refused.set(title, error.message);
      }
    }
    const methods = ['gradcam++', 'smoothgradcam++', 'smoothgradcam++printed'] as const;
    const made = await explain(model, input, { class: classIndex, methods, samples, sigma, moreMethods });
    const { activation } = made.evidence['smoothgradcam++'];
    const [plain, smooth, printed] = methods.map((name) =>
      wayOf(made.maps[name].weights as Float64Array, activation),
    );
    add('Smooth Grad-CAM++ or Grad-CAM++', [smooth, plain]);
    add('D2 or D1 above in α', [smooth, printed]);
    const { weights } = smoothGradCamPlusPlus(await unweighted(model, input, { classIndex, sigma, samples }));
    add('noisy inputs weighed by exp(z), or alike', [smooth, wayOf(weights, activation)]);
    onScene();
  }
  return [
    ...[...pairs].map(([title, own]) => apart(title, own)),
    ...[...refused].map(([title, message]) => ({ title, refused: message })),
  ];
}
