import type { Score } from '../autodiff/diagonal/score.ts';
import { exp, neg, sigmoid, softplus, sub } from '../autodiff/operations.ts';
import { wantTensor } from '../autodiff/outputs.ts';
import { concrete } from '../autodiff/trace.ts';
import { logSoftmax, softmax } from '../layers/softmax.ts';
import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { checkOptions, wantFunction, wantNumber } from '../tensor/options.ts';
import { sizeOf } from '../tensor/shape.ts';
import { contiguous, fromData, type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { type ClassPair, logitOf } from './contrast.ts';
import { mergedSoftmax } from './mergedSoftmax.ts';
import { softmaxTail } from './softmaxTail.ts';

/** Beyond this, exp(z) and p are held divided by exp(logScale), so that they neither overflow nor vanish. */
export const LARGEST_EXPONENT = 300;

/** The class that a score speaks of, and the one that it is held against, where there is one. */
export interface ScoreOptions extends ClassPair {
  /** How the graph ends behind the logits: with a sigmoid, a probability is that of its own class alone. */
  readonly ending?: 'none' | 'softmax' | 'sigmoid';
}

const firstOf = (x: Tensor): number => contiguous(concrete(x)).data[0];

/** exp(l − logScale), for a logarithm l of the score. */
function scaledExp(l: Tensor, scaled: (value: number) => boolean): { y: Tensor; logScale: number } {
  const value = firstOf(l);
  const logScale = scaled(value) ? value : 0;
  return { y: exp(logScale === 0 ? l : sub(l, logScale)), logScale };
}

const unscaled = (y: Tensor) => ({ y, logScale: 0 });
const isTiny = (logProbability: number) => logProbability < -LARGEST_EXPONENT;

/** The logits that a score reads: y is a function of Σ weight · z_index alone. */
const sees = ({ classIndex, against }: ClassPair) =>
  new Map([[classIndex, 1], ...(against === undefined ? [] : [[against, -1] as const])]);

/** σ(l) of a logit, or of the difference of two, which is the softmax of those two alone. */
function sigmoidScore(name: 'prob' | 'logprob', pair: ClassPair): Score {
  return {
    name,
    classIndex: pair.classIndex,
    value(z) {
      const logProbability = neg(softplus(neg(logitOf(z, pair))));
      if (name === 'logprob') return unscaled(logProbability);
      return isTiny(firstOf(logProbability))
        ? scaledExp(logProbability, isTiny)
        : unscaled(sigmoid(logitOf(z, pair)));
    },
  };
}

function softmaxScore(name: 'prob' | 'logprob', classIndex: number): Score {
  const scaleAt = (z: Float64Array) =>
    name === 'prob' ? firstOf(value(fromData(z, [z.length])).y) : undefined;
  const value: Score['value'] = (z) => {
    const logProbability = logitOf(logSoftmax(z, -1), { classIndex });
    if (name === 'logprob') return unscaled(logProbability);
    return isTiny(firstOf(logProbability))
      ? scaledExp(logProbability, isTiny)
      : unscaled(logitOf(softmax(z, -1), { classIndex }));
  };
  return {
    name,
    classIndex,
    value,
    derivativesAlong(z, directions, order) {
      return softmaxTail(z, directions, { classIndex, order, scale: scaleAt(z) });
    },
    merging: (z) => mergedSoftmax(z, { classIndex, scale: scaleAt(z) }),
  };
}

/** A score that the softmax or the sigmoid normalises, whichever the graph ends in; of two classes, the softmax of the two. */
function normalized(name: 'prob' | 'logprob', { classIndex, against, ending }: ScoreOptions): Score {
  const single = sigmoidScore(name, { classIndex, against });
  if (against !== undefined) return { ...single, seesOnly: sees({ classIndex, against }) };
  const among = softmaxScore(name, classIndex);
  const choose = (z: { length: number }) => (ending === 'sigmoid' || z.length === 1 ? single : among);
  return {
    name,
    classIndex,
    value: (z) => choose({ length: sizeOf(z.shape) }).value(z),
    ...(ending !== 'sigmoid' && { derivativesAlong: among.derivativesAlong, merging: among.merging }),
  };
}

interface ScoreRow {
  make(options: ScoreOptions): Score;
  /** Whether Y is the exponential of the logit: samples then weigh exp(z_c,s) under a mean. */
  readonly exponential: boolean;
}

/** Every score by the name it has in flags and files, the default first. */
const scores = {
  exp: {
    exponential: true,
    make: (pair) => ({
      name: 'exp',
      classIndex: pair.classIndex,
      seesOnly: sees(pair),
      value: (z) => scaledExp(logitOf(z, pair), (l) => Math.abs(l) > LARGEST_EXPONENT),
    }),
  },
  prob: { exponential: false, make: (options) => normalized('prob', options) },
  logprob: { exponential: false, make: (options) => normalized('logprob', options) },
  logit: {
    exponential: false,
    make: (pair) => ({
      name: 'logit',
      classIndex: pair.classIndex,
      seesOnly: sees(pair),
      value: (z) => unscaled(logitOf(z, pair)),
    }),
  },
} as const satisfies Readonly<Record<string, ScoreRow>>;

/** The scores, by the names that they have in flags and files. */
export type NamedScore = keyof typeof scores;

/** The score Y of evidence: one of the named ones, or a function of z of the caller's. */
export type ScoreName = NamedScore | 'custom';

/**
 * The scores by the names they have in flags and files.
 * @example
 * scoreNames // ['exp', 'prob', 'logprob', 'logit']
 */
export const scoreNames = Object.keys(scores) as readonly NamedScore[];

/** Whether samples weigh exp(z_c,s) under a mean of this score. */
export const isExponential = (name: ScoreName): boolean => name !== 'custom' && scores[name].exponential;

/** The score, which says so where it is given anything but logits. */
function guarded(score: Score): Score {
  const { name, derivativesAlong } = score;
  const action = `score by ${name}`;
  const value: Score['value'] = (z) => score.value(toTensor(z, action));
  if (derivativesAlong === undefined) return { ...score, value };
  return {
    ...score,
    value,
    derivativesAlong(z, directions, order) {
      const isGiven = z instanceof Float64Array && directions?.data instanceof Float64Array;
      if (isGiven && Number.isInteger(order)) return derivativesAlong(z, directions, order);
      throw new InputError(
        `Cannot ${action} along directions: logits and the directions' data must be Float64Arrays and the order a whole number, got ${[z, directions, order].map(describe).join(', ')}`,
      );
    },
  };
}

/**
 * Y as a function of the logits z [m] for one class c:
 * `exp` exp(z_c); `prob` softmax(z)_c, or σ(z_c) where m = 1 or the graph ends in a sigmoid; `logprob` its logarithm;
 * `logit` z_c. With `against`, of that class against another: d = z_c − z_against stands where z_c does, `prob` is σ(d) and `logprob` its
 * logarithm, which is the softmax of the two alone. Values are held as y = Y · exp(−logScale): logScale is 0 unless |z_c| > 300 (exp) or log p_c < −300
 * (prob).
 * @throws InputError for an unknown name, or (when used) a class that the model does not have.
 * @example
 * createScore('prob', { classIndex: 0 }).value(tensor([0, 0])).y // 0.5
 * // exp(1000) would overflow
 * const { y, logScale } = createScore('exp', { classIndex: 0 }).value(tensor([1000, 0]));
 * y // 1
 * logScale // 1000
 * createScore('logit', { classIndex: 0, against: 1 }).value(tensor([5, 3])).y // 2
 */
export function createScore(name: NamedScore, options: ScoreOptions): Score {
  if (!Object.hasOwn(scores, name)) {
    throw new InputError(`Cannot score by "${String(name)}": use ${scoreNames.join(', ')}`);
  }
  checkOptions(options ?? null, { classIndex: 'number', against: 'number', ending: 'text' }, 'make a score');
  wantNumber(options.classIndex, 'classIndex', 'make a score');
  return guarded(scores[name].make(options));
}

/**
 * A caller's own score: any scalar function of z built of differentiable operations.
 * @example
 * const difference = customScore((z) => sub(takeAt(z, [0], []), takeAt(z, [1], [])));
 * difference.value(tensor([5, 3])).y // 2
 */
export function customScore(f: (z: Tensor) => Tensor): Score {
  wantFunction(f, 'the score', 'make a score');
  return { name: 'custom', value: (z) => unscaled(wantTensor(f(z), 'take the score')) };
}

/**
 * p of every class: softmax, or the sigmoid of each where the graph ends in one or has one class.
 * @example
 * probabilities(tensor([0, 0])) // [0.5, 0.5]
 */
export function probabilities(logits: TensorLike, ending: ScoreOptions['ending'] = 'none'): Float64Array {
  const z = toTensor(logits, 'take probabilities');
  const p = ending === 'sigmoid' || sizeOf(z.shape) === 1 ? sigmoid(z) : softmax(z, -1);
  return Float64Array.from(contiguous(p).data);
}
