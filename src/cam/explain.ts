import { reshape } from '../autodiff/operations.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/program.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape } from '../tensor/shape.ts';
import { asTensor, castTo, contiguous, type NdarrayLike, type Tensor } from '../tensor/tensor.ts';
import { accumulateEvidence, type EvidenceAccumulator } from './accumulateEvidence.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import { type MethodName, methodNames } from './method.ts';
import { noiseStdOf } from './noise.ts';
import { addNoisySamples, passesOf } from './noisySamples.ts';
import { type Sampler, samplesAt } from './sample.ts';
import { createScore, customScore, type NamedScore, probabilities } from './score.ts';
import type { Selection } from './select.ts';
import { accumulateGradients, type GradientAccumulator } from './smoothGrad.ts';

export interface ExplainOptions extends RunOptions {
  /** A tensor name, a node name or an index of `model.layers`; the default layer unless given. */
  readonly layer?: string | number | undefined;
  /** Class to explain; the predicted one unless given. */
  readonly class?: number | undefined;
  /** All four unless given. */
  readonly methods?: readonly MethodName[] | undefined;
  /** exp unless given; or any differentiable scalar function of the logits. */
  readonly score?: NamedScore | ((z: Tensor) => Tensor) | undefined;
  /** Noisy inputs, 25 unless given; σ = 0 runs one. */
  readonly samples?: number | undefined;
  /** Noise relative to the range of the preprocessed image, 0.15 unless given. */
  readonly sigma?: number | undefined;
  readonly seed?: number | undefined;
  readonly numerator?: 'second' | 'first' | undefined;
  readonly select?: Selection | undefined;
}

/** The choices of one run, all made. */
export interface Choices {
  readonly layer: string;
  readonly methods: readonly MethodName[];
  readonly score: NamedScore | 'custom';
  readonly samples: number;
  readonly sigma: number;
  readonly seed: number;
  readonly noiseStd: number;
  readonly numerator: 'second' | 'first';
  readonly select: Selection | undefined;
}

/** What was collected for one class. */
export interface Collected {
  readonly classIndex: number;
  readonly gradient: EvidenceAccumulator | undefined;
  readonly clean: EvidenceAccumulator | undefined;
  readonly noisy: EvidenceAccumulator | undefined;
  readonly inputGradient: GradientAccumulator | undefined;
}

function checkImage(x: Tensor): Tensor {
  const image = x.shape.length === 3 ? reshape(x, [1, ...x.shape]) : x;
  if (image.shape.length !== 4 || image.shape[0] !== 1) {
    throw new ShapeError(`Cannot explain: one image [1, C, H, W] is wanted, got ${formatShape(x.shape)}`);
  }
  return castTo(contiguous(image), 'float32');
}

function choose(model: Model, image: Tensor, options: ExplainOptions): Choices {
  const {
    methods = methodNames,
    score = 'exp',
    samples = 25,
    sigma = 0.15,
    seed = 0,
    numerator = 'second',
  } = options;
  const unknown = methods.find((method) => !methodNames.includes(method));
  if (unknown !== undefined || methods.length === 0) {
    throw new InputError(`Cannot explain by "${unknown ?? ''}": the methods are ${methodNames.join(', ')}`);
  }
  if (!Number.isInteger(samples) || samples < 1) {
    throw new InputError(`Cannot explain: samples must be a whole number of at least 1, got ${samples}`);
  }
  return {
    layer: model.findLayer(options.layer),
    methods,
    score: typeof score === 'function' ? 'custom' : score,
    samples: sigma === 0 ? 1 : samples,
    sigma,
    seed,
    noiseStd: noiseStdOf(image, sigma),
    numerator,
    select: options.select,
  };
}

/** The classes asked for, or the predicted one. */
function checkClasses(classes: readonly number[] | undefined, z: Tensor): readonly number[] {
  const logits = Array.from(contiguous(z).data);
  const predicted = logits.indexOf(Math.max(...logits));
  for (const index of classes ?? []) {
    if (!Number.isInteger(index) || index < 0 || index >= logits.length) {
      throw new InputError(
        `Cannot explain class ${index}: the model has ${logits.length} classes, 0 … ${logits.length - 1}`,
      );
    }
  }
  return classes ?? [predicted];
}

/**
 * Explains one class of one image; see `explainClasses`.
 * @example
 * const { maps } = await explain(model, input, { methods: ['smoothgradcam++'] });
 * maps['smoothgradcam++'].raw // [H, W]
 */
export async function explain(
  model: Model,
  input: NdarrayLike,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const classes = options.class === undefined ? undefined : [options.class];
  const [explanation] = await explainClasses(model, input, { ...options, classes });
  return explanation;
}

/**
 * Class activation maps of an image by Grad-CAM, Grad-CAM++, Smooth Grad-CAM++ and SmoothGrad, with the true first,
 * second and third derivatives of the score. All classes share the clean pass and the noisy ones.
 * input: the preprocessed image, [1, C, H, W] or [C, H, W]. Maps are [H, W] of the layer (of the image for smoothgrad).
 * The trunk runs in float32, the head in float64. Cost: (1 + samples) passes and the derivatives of the head.
 * @throws InputError for a choice that does not exist, an input with NaN, or a ++ method where the score has no curvature.
 * Source: Selvaraju 2017, Chattopadhyay 2018, Omeiza 2019, Smilkov 2017; see each method.
 */
export async function explainClasses(
  model: Model,
  input: NdarrayLike,
  options: ExplainOptions & { readonly classes?: readonly number[] | undefined } = {},
): Promise<Explanation[]> {
  const image = checkImage(asTensor(input));
  const choices = choose(model, image, options);
  const split = model.split(choices.layer);
  const { methods } = choices;
  const clean = await split.at(image, {
    signal: options.signal,
    threads: options.threads,
    onProgress: (done) => options.onProgress?.(done / passesOf(choices)),
  });
  const activation = reshape(clean.activation, clean.activation.shape.slice(1));
  if (activation.shape.length !== 3) {
    throw new ShapeError(
      `Cannot explain the layer ${choices.layer}: feature maps [1, K, H, W] are wanted, it gives ${formatShape(clean.activation.shape)}`,
    );
  }
  const z = clean.head(castTo(clean.activation, 'float64'));
  const p = probabilities(z, model.logits.ending);
  const classes = checkClasses(options.classes, z);

  const scoreOf = (classIndex: number) =>
    typeof options.score === 'function'
      ? customScore(options.score)
      : createScore(options.score ?? 'exp', { classIndex, ending: model.logits.ending });
  const frame = (classIndex: number, noisy: boolean) => ({
    activation,
    classIndex,
    seed: choices.seed,
    sigma: noisy ? choices.sigma : 0,
    noiseStd: noisy ? choices.noiseStd : 0,
  });
  const want = (method: MethodName) => methods.includes(method);
  const collected = classes.map(
    (classIndex): Collected => ({
      classIndex,
      gradient: want('gradcam')
        ? accumulateEvidence({ ...frame(classIndex, false), score: 'logit' })
        : undefined,
      clean: want('gradcam++')
        ? accumulateEvidence({ ...frame(classIndex, false), score: choices.score })
        : undefined,
      noisy: want('smoothgradcam++')
        ? accumulateEvidence({ ...frame(classIndex, true), score: choices.score })
        : undefined,
      inputGradient: want('smoothgrad') ? accumulateGradients() : undefined,
    }),
  );
  const sampler = (classIndex: number): Sampler => ({
    score: scoreOf(classIndex),
    classIndex,
    ending: model.logits.ending,
  });
  for (const { classIndex, gradient, clean: plain } of collected) {
    const logit = createScore('logit', { classIndex });
    if (gradient)
      for (const each of samplesAt(clean, { ...sampler(classIndex), score: logit })) gradient.add(each);
    if (plain) for (const each of samplesAt(clean, sampler(classIndex))) plain.add(each);
  }
  await addNoisySamples(collected, { image, split, choices, sampler, options });
  return collected.map((each) => explanationOf(model, choices, each, { z, p }));
}
