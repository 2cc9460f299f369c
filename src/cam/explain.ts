import type { Plan } from '../autodiff/diagonal/diagonalResult.ts';
import type { Score } from '../autodiff/diagonal/score.ts';
import { reshape } from '../autodiff/operations.ts';
import { checkLayout, toMaps } from '../model/graph/layout.ts';
import type { Model } from '../model/model.ts';
import type { Split, SplitRun } from '../model/split.ts';
import { drive } from '../tensor/drive.ts';
import { InputError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import { castTo, contiguous, type Tensor, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { withAutoSigma } from './autoSigma.ts';
import { type Chosen, checkImage, checkModel, choose, type ExplainOptions, readOptions } from './choices.ts';
import { classesAsked } from './classesAsked.ts';
import { type Collected, collectFor, isClosed, timesOf } from './collect.ts';
import { type ClassChoice, type ClassPair, type ClassWanted, pairOf } from './contrast.ts';
import { type Explanation, type ExplanationBy, explanationOf, topIndices } from './explanation.ts';
import type { DefaultMethodName, MethodName } from './methods.ts';
import { addNoisySamples, passesOf } from './noisySamples.ts';
import { takePasses } from './passes.ts';
import { predictedClass } from './predictedClass.ts';
import { type Asked, type Question, questionOf } from './question.ts';
import { addSamples } from './sample.ts';
import { probabilities } from './score.ts';
import { smoothEquals } from './smoothEquals.ts';

/** The classes asked for, or the predicted one. @throws InputError for one that the model lacks, and where no class can be told. */
function checkClasses(
  classes: ClassChoice<ClassWanted> | undefined,
  { z, hasClasses, label }: Asked,
): { classes: readonly ClassPair[]; predicted: number } {
  const logits = contiguous(z).data;
  if (!hasClasses && classes !== undefined) {
    throw new InputError(
      `Cannot explain a class by the score ${label}: it speaks of none; leave the class out`,
    );
  }
  const predicted = predictedClass(logits, 'explain');
  const pairs = (wanted: readonly ClassWanted[]) =>
    wanted.map((each) => pairOf(each, logits.length, 'explain'));
  if (classes !== undefined && 'top' in classes) {
    const { top } = classes;
    if (Number.isInteger(top) && top >= 1) return { classes: pairs(topIndices(logits, top)), predicted };
    throw new InputError(`Cannot explain the top ${top} classes: a whole number of at least 1 is wanted`);
  }
  return { classes: pairs(classes ?? [predicted]), predicted };
}

/** Whether a class is held against another. @throws InputError where the score is the caller's own, which no class changes. */
function wantsContrast(classes: ClassChoice<ClassWanted> | undefined, { score }: ExplainOptions): boolean {
  if (classes === undefined || 'top' in classes) return false;
  const contrasts = classes.some((each) => typeof each !== 'number');
  if (!contrasts || score === undefined || typeof score === 'string') return contrasts;
  throw new InputError(
    'Cannot explain one class against another by a score of your own: it is not asked for classes; leave one of the two out',
  );
}

/** Share of the time that finding σ takes, as progress shows it. */
const SEARCH = 0.4;

/** Progress of the search for σ, where there is one, and of the rest: one number that grows. */
function sharedProgress({ sigma, onProgress }: ExplainOptions) {
  const searching = sigma === 'auto' ? SEARCH : 0;
  let [search, rest] = [0, 0];
  const tell = () => onProgress?.(rest === 1 ? 1 : searching * search + (1 - searching) * rest);
  return {
    searched(share: number) {
      search = share;
      tell();
    },
    explained(share: number) {
      rest = share;
      tell();
    },
  };
}

/**
 * Explains one class of one image; see `explainClasses`.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const { maps } = await explain(model, input, { methods: ['smoothgradcam++'], samples: 4 });
 * maps['smoothgradcam++'].raw.shape.length // 2: [H, W]
 * // What speaks for the one class rather than for the other: the maps are of z_of − z_against
 * const classes = { of: 'heart', against: 'moon' };
 * const contrast = await explain(model, input, { class: classes, methods: ['gradcam'] });
 * contrast.against?.classIndex // 2
 */
export async function explain<M extends MethodName = DefaultMethodName>(
  model: Model,
  input: TensorLike,
  options: ExplainOptions<M> = {},
): Promise<ExplanationBy<M>> {
  wantRecord(options, 'options', 'explain');
  const classes = options.class === undefined ? undefined : [options.class];
  const [explanation] = await explainClasses(model, input, { ...options, classes });
  return explanation;
}

/**
 * Class activation maps of an image by the methods asked for. All classes share the clean pass and the noisy ones; methods that
 * read the same derivatives share those.
 * input: the preprocessed image, [1, C, H, W] or [C, H, W]. Maps are [H, W] of the layer (of the image for smoothgrad), evidence is
 * [K, H, W] whatever the layer's own layout: tokens before the grid are left out.
 * The trunk runs in float32, the head in float64. Cost: (1 + samples) passes and the derivatives of the head.
 * @throws InputError for a choice that does not exist, a layer of unknown layout or whose cells no logit reads, an input with NaN, or a ++ method where the score has no curvature.
 * Source: Selvaraju 2017, Chattopadhyay 2018, Omeiza 2019, Smilkov 2017; see each method.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const two = await explainClasses(model, input, { classes: [0, 1], methods: ['gradcam'] });
 * two.map(({ classIndex }) => classIndex) // [0, 1]
 */
export async function explainClasses<M extends MethodName = DefaultMethodName>(
  model: Model,
  input: TensorLike,
  options: ExplainOptions<M> & { readonly classes?: ClassChoice | undefined } = {},
): Promise<ExplanationBy<M>[]> {
  checkModel(model);
  readOptions(options);
  const image = checkImage(toTensor(input, 'explain'), model);
  const question = questionOf(model, options);
  const split = model.split(options.layer, { outputs: question.outputs });
  const subject = { model, image, question, chosen: choose(split, image, options), split };
  const classes = classesAsked(model, options.classes);
  return explainSubject(subject, { ...options, classes }) as Promise<ExplanationBy<M>[]>;
}

/** An image with what is asked of it, and what was chosen for it. */
export interface Subject {
  readonly model: Model;
  readonly image: Tensor;
  readonly question: Question;
  readonly chosen: Chosen;
  readonly split: Split;
  /** The image behind the trunk, where it went there before. */
  readonly clean?: SplitRun;
}

type ClassOptions = ExplainOptions & { readonly classes?: ClassChoice<ClassWanted> | undefined };

/** Explains an image for the classes asked for. */
export async function explainSubject(
  { model, image, question, chosen, split, clean: given }: Subject,
  options: ClassOptions,
): Promise<Explanation[]> {
  const { outputs } = question;
  const noiseless = smoothEquals(split.headForm, chosen, wantsContrast(options.classes, options));
  let choices: Chosen = noiseless === undefined ? chosen : { ...chosen, noiseless };
  const running = { signal: options.signal, threads: options.threads };
  const progress = sharedProgress(options);
  const tell = (from: number, weight: number) => (done: number) =>
    progress.explained((from + weight * done) / passesOf(choices));
  const clean = given ?? (await split.at(image, { ...running, onProgress: tell(0, 0.5) }));
  const { layout, layer } = chosen;
  checkLayout(layout, layer, clean.activation.shape);
  const activation = toMaps(reshape(clean.activation, clean.activation.shape.slice(1)), layout);
  const outputs64 = clean.outputsSteps(castTo(clean.activation, 'float64'));
  const asked = question.at(await drive(outputs64, running));
  const { classes, predicted } = checkClasses(options.classes, asked);
  const searching = { ...running, onProgress: progress.searched };
  const search = { model, image, asked, outputs, predicted, options: searching };
  const withSigma = async (made: Chosen) =>
    options.sigma === 'auto' ? await withAutoSigma(made, search) : made;
  choices = await withSigma(choices);
  const told = new Set<string>();
  let all: readonly Collected[] = [];
  const onPlan = (plan: Plan, { name }: Score) => {
    if (!told.has(name)) options.onPlan?.(plan, timesOf(name, all, choices));
    told.add(name);
  };
  const collect = async () => {
    all = classes.map((pair) =>
      collectFor(pair, { activation, choices, reading: asked.reading(pair.classIndex) }),
    );
    const clear = { noisy: false, layout, prune: choices.prune } as const;
    await addSamples(all, clean, { ...clear, ...running, onPlan, onProgress: tell(0.5, 0.5) });
    return all;
  };
  let collected = await collect();
  // Noise may open a gate that is closed in every cell of the clean image.
  if (choices.noiseless !== undefined && collected.some(isClosed)) {
    choices = await withSigma(chosen);
    collected = await collect();
  }
  const noisy = { ...running, onProgress: progress.explained };
  await addNoisySamples(collected, { image, split, choices, onPlan, options: noisy });
  const isAskedFor = options.classes !== undefined;
  const answer = { ...asked, p: probabilities(asked.z, asked.ending), isAskedFor };
  const found: Explanation[] = [];
  for (const each of collected) {
    const passed = await takePasses(each, { model, image, split, clean, choices, options: running });
    found.push(explanationOf(model, { choices, collected: each, passed }, answer));
  }
  return found;
}
