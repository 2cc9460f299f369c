import { checkPrune } from '../autodiff/diagonal/checkCall.ts';
import type { Plan } from '../autodiff/diagonal/diagonalResult.ts';
import { reshape } from '../autodiff/operations.ts';
import type { Layout } from '../autodiff/places/layout.ts';
import type { Model } from '../model/model.ts';
import type { RunOptions } from '../model/run/program.ts';
import type { Split } from '../model/split.ts';
import { driveKinds } from '../tensor/drive.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { checkOptions, type OptionKinds, wantRecord } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { castTo, contiguous, type Tensor } from '../tensor/tensor.ts';
import type { ClassAsked } from './contrast.ts';
import { defaults } from './defaults.ts';
import { layerLayout } from './layerLayout.ts';
import type { Numerator } from './method.ts';
import { defaultMethodNames, type MethodName, type MethodRows, rowsOf } from './methods.ts';
import { noiseStdOf } from './noise.ts';
import type { OutputScore, Question, ScoreFunction } from './question.ts';
import type { NamedScore, ScoreName } from './score.ts';
import type { TriedSigma } from './searchSigma.ts';
import type { Selection } from './select.ts';

/** What is explained, by which methods and how; everything has a default. */
export interface ExplainOptions<M extends MethodName = MethodName> extends RunOptions {
  /** A tensor name, a node name or an index of `model.layers`; the default layer unless given. */
  readonly layer?: string | number | undefined;
  /** What the layer's axes mean; as the network says unless given. */
  readonly layout?: Layout | undefined;
  /**
   * Class to explain, or `{ of, against }` for what tells it from another: z_of − z_against; the predicted one unless given. By its index,
   * or where the model has labels by its label, one of the names between its commas in any case, or its synset id: 'boxer'.
   */
  readonly class?: ClassAsked | undefined;
  /** The four of the Smooth Grad-CAM++ paper unless given. */
  readonly methods?: readonly M[] | undefined;
  /** Rows of methods that `jetgrad/core` lacks: those of `jetgrad/methods`, or of one's own. */
  readonly moreMethods?: MethodRows | undefined;
  /** Whose entries are the logits, where a model has several outputs; see `model.findLogits`. */
  readonly output?: string | undefined;
  /**
   * exp unless given; or any differentiable scalar function of the logits [m], or of the outputs by name where the model has several,
   * which then is the score of every method. A named score is that of the ++ methods: the others are defined by the logit.
   */
  readonly score?: NamedScore | ScoreFunction | OutputScore | undefined;
  /** How outputs that are not logits are read: the classes of boxes, of pixels. */
  readonly question?: Question | undefined;
  /** Noisy inputs, 25 unless given; σ = 0 runs one. */
  readonly samples?: number | undefined;
  /**
   * Noise relative to the range of the preprocessed image, 0.15 unless given; 'auto' for the largest up to 0.15 at which the clean image's
   * class stays on top in 80 % of the samples. Cost: up to 7 · samples passes without gradients more.
   */
  readonly sigma?: number | 'auto' | undefined;
  readonly seed?: number | undefined;
  readonly numerator?: Numerator | undefined;
  readonly select?: Selection | undefined;
  /**
   * Which derivatives are taken at once: 'read', those that the methods read (unless given), while the evidence takes others when they
   * are asked for; or 'all' up to the third, in steps.
   */
  readonly derivatives?: 'read' | 'all' | undefined;
  /**
   * Largest error allowed of each sample's D_r, as a share of its largest, such as 1e-12; none unless given. `prob` and `logprob` merge
   * classes of little probability then; see `diagonal`.
   */
  readonly prune?: number | undefined;
  /**
   * Told before derivatives are taken by a plan of `diagonal`, once for each score: which plan, and how often it is to be run, for all
   * classes and samples. Not told where one backward pass gives all of them.
   */
  readonly onPlan?: ((plan: Plan, times: number) => void) | undefined;
}

/** The choices of one run, all made. */
export interface Choices {
  readonly layer: string;
  /** What its axes mean: maps and evidence are [K, H, W] whatever it is. */
  readonly layout: Layout;
  readonly methods: readonly MethodName[];
  readonly score: ScoreName;
  /** What a score of outputs is called. */
  readonly expression?: string;
  /** As they are run: 1 where σ is 0. */
  readonly samples: number;
  readonly sigma: number;
  readonly seed: number;
  readonly noiseStd: number;
  /** What was tried to find σ, where it was left to be found. */
  readonly sigmasTried?: readonly TriedSigma[];
  readonly numerator: Numerator;
  readonly select: Selection | undefined;
  readonly derivatives: 'read' | 'all';
  /** Where classes may be merged: the largest error, as a share of the largest derivative. */
  readonly prune?: number;
  /** Why noise changes no map of a method that smooths another: its passes are left out. */
  readonly noiseless?: string;
}

/** The choices, and the rows of the methods. */
export interface Chosen extends Choices {
  readonly rows: MethodRows;
}

/** One image [1, C, H, W], in the model's precision, of [C, H, W] or [1, C, H, W]. @throws ShapeError for any other shape. */
export function checkImage(x: Tensor, { precision }: Pick<Model, 'precision'>): Tensor {
  const image = x.shape.length === 3 ? reshape(x, [1, ...x.shape]) : x;
  if (image.shape.length !== 4 || image.shape[0] !== 1) {
    throw new ShapeError(`Cannot explain: one image [1, C, H, W] is wanted, got ${formatShape(x.shape)}`);
  }
  return castTo(contiguous(image), precision);
}

const optionKinds = {
  layer: ['text', 'number'],
  layout: 'record',
  class: ['number', 'text', 'record'],
  classes: ['numbers', 'list', 'record'],
  methods: 'texts',
  moreMethods: 'record',
  output: 'text',
  score: ['text', 'function', 'record'],
  question: 'record',
  samples: 'number',
  sigma: ['number', 'text'],
  seed: 'number',
  numerator: 'text',
  select: 'record',
  derivatives: 'text',
  prune: 'number',
  onPlan: 'function',
  ...driveKinds,
} as const satisfies OptionKinds;

/** @throws InputError for anything but a model. */
export function checkModel(model: unknown): void {
  wantRecord(model, 'the model', 'explain');
  const { findLayer, split } = model as Partial<Model>;
  if (typeof findLayer === 'function' && typeof split === 'function') return;
  throw new InputError(
    'Cannot explain: the model must come from loadModel, parseModel or createModel, got another record',
  );
}

/** What is asked for, and the defaults. @throws InputError for what does not exist. */
export function readOptions(options: ExplainOptions) {
  checkOptions(options, optionKinds, 'explain');
  const methods: readonly MethodName[] = options.methods ?? defaultMethodNames;
  const {
    score = defaults.score,
    samples = defaults.samples,
    sigma: given = defaults.sigma,
    seed = defaults.seed,
    numerator = defaults.numerator,
  } = options;
  const rows = rowsOf(methods, options.moreMethods);
  // Where σ is to be found it is at most the default one.
  const sigma = given === 'auto' ? defaults.sigma : given;
  if (typeof sigma !== 'number') {
    throw new InputError(`Cannot explain: sigma must be a number or 'auto', got "${sigma}"`);
  }
  if (!Number.isInteger(samples) || samples < 1) {
    throw new InputError(`Cannot explain: samples must be a whole number of at least 1, got ${samples}`);
  }
  const { derivatives = 'read', prune = 0 } = options;
  checkPrune(prune, 'explain');
  if (derivatives !== 'read' && derivatives !== 'all') {
    throw new InputError(`Cannot explain: derivatives must be 'read' or 'all', got "${derivatives}"`);
  }
  const name: ScoreName = typeof score === 'string' ? score : 'custom';
  const expression = typeof score === 'object' ? { expression: score.name } : {};
  const ran = sigma === 0 ? 1 : samples;
  const pruning = prune > 0 ? { prune } : {};
  const noise = { samples: ran, sigma, seed };
  return { methods, rows, score: name, ...expression, ...noise, numerator, derivatives, ...pruning };
}

/** Makes the choices of a run. @throws InputError for one that does not exist. */
export function choose(split: Split, image: Tensor, options: ExplainOptions): Chosen {
  const read = readOptions(options);
  const layout = layerLayout(split, options.layout);
  const noiseStd = noiseStdOf(image, read.sigma);
  return { layer: split.layer, layout, ...read, noiseStd, select: options.select };
}
