import type { Model } from '../../model/model.ts';
import type { RunOptions } from '../../model/run/program.ts';
import { driveKinds } from '../../tensor/drive.ts';
import { InputError, ShapeError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { checkOptions, type OptionKinds } from '../../tensor/options.ts';
import { formatShape } from '../../tensor/shape.ts';
import { contiguous, fromData, type Tensor, type TensorLike, toTensor } from '../../tensor/tensor.ts';
import { boxesIn } from '../boxes/boxQuestion.ts';
import { type BoxLayoutName, boxLayoutNames } from '../boxes/layouts.ts';
import { checkImage, checkModel, type ExplainOptions } from '../choices.ts';
import type { ClassName } from '../contrast.ts';
import { expressionScore } from '../expression/expressionScore.ts';
import { classFinder } from '../matchClass.ts';
import { pixelQuestion } from '../pixelQuestion.ts';
import { predictedClass } from '../predictedClass.ts';
import { scoreNames } from '../score.ts';
import { isNamed, kindOf, type PresetScore, presetOf, refuseMisspelt } from './presets.ts';

/** What a score by name reads beside the outputs. */
export interface ScoreForOptions extends RunOptions {
  /** The class, where the score does not name it: the best box's, or that of most pixels, unless given. */
  readonly class?: ClassName | undefined;
  /** The output whose entries are the logits, where there are several. */
  readonly output?: string | undefined;
  /** How a detector's raw outputs say boxes, where shapes and labels do not tell. */
  readonly boxes?: BoxLayoutName | undefined;
  /** A point that the box holds, in pixels of the input [x, y]. */
  readonly point?: readonly [number, number] | undefined;
  /** The pixels that are summed over, above 0 in a map [h, w] of any size, instead of those that the picture gives to the class. */
  readonly mask?: Tensor | undefined;
  /** What an expression's dot, cosine and where call by a name; masks are maps [h, w] of any size. */
  readonly arrays?: Readonly<Record<string, Tensor>> | undefined;
}

const optionKinds = {
  class: ['number', 'text'],
  output: 'text',
  boxes: 'text',
  point: 'numbers',
  mask: 'record',
  arrays: 'record',
  ...driveKinds,
} as const satisfies OptionKinds;

/** A score with its choices made: options of `explain`. */
export type ScoreChosen = Pick<ExplainOptions, 'class' | 'output' | 'question' | 'score'>;

const action = (score: string) => `score by "${score}"`;

/** A map at another size: of each pixel what its centre lies on. */
function resized(mask: Tensor, height: number, width: number): Tensor {
  const [h, w] = mask.shape;
  if (mask.shape.length !== 2 || h * w === 0) {
    throw new ShapeError(`Cannot mask: a map [h, w] is wanted, got ${formatShape(mask.shape)}`);
  }
  const { data } = contiguous(mask);
  const at = (i: number, from: number, to: number) => Math.floor(((i + 0.5) * from) / to);
  const values = Float64Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return Number(data[at(y, h, height) * w + at(x, w, width)] > 0);
  });
  return fromData(values, [height, width]);
}

function arrayOf(arrays: ScoreForOptions['arrays'], name: string): Tensor {
  const found = arrays !== undefined && Object.hasOwn(arrays, name) ? arrays[name] : undefined;
  if (found !== undefined) return toTensor(found, `read ${name}`);
  const names = Object.keys(arrays ?? {});
  throw new InputError(
    `Cannot read ${name}: the arrays given are ${names.join(', ') || 'none'}${didYouMean(name, names)}; pass it by arrays: { '${name}': … }`,
  );
}

/** @throws InputError for a score that is none, and options that do not go with it. */
function checkAsked(score: string, { class: classAsked, boxes, point, mask }: ScoreForOptions): void {
  const refuse = (why: string) => {
    throw new InputError(`Cannot ${action(score)}: ${why}`);
  };
  if (typeof score !== 'string') refuse(`a text is wanted, such as "${scoreNames[0]}" or "class:dog"`);
  if (classAsked !== undefined && !isNamed(score))
    refuse('it says itself what it is of; leave the class out');
  const isExpression = !isNamed(score) && presetOf(score) === undefined;
  if (isExpression && [boxes, point, mask].some((each) => each !== undefined))
    refuse('an expression says what it reads; leave boxes, point and mask out');
  if (boxes !== undefined && !boxLayoutNames.includes(boxes))
    refuse(`there are no boxes "${boxes}"; there are ${boxLayoutNames.join(', ')}`);
  if (point !== undefined && (point.length !== 2 || !point.every(Number.isFinite)))
    refuse('a point is [x, y], in pixels of the input');
}

/**
 * A score by the name that the command has for it, as options of `explain`: exp, prob, logprob, logit; `class:C` for the best box of a
 * class in a detector's raw outputs; `pixels:C` for the pixels that a segmentation gives to a class; or an expression over the outputs,
 * such as 'z[0, 281] - max(z)'. C is an index or a label. Choices are made on this picture, and held in noisy samples. Cost: for boxes,
 * one pass through the network.
 * @throws InputError where the outputs are of no such kind, the picture has no such box, or the expression cannot be read.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const asked = await scoreFor(model, input, 'z[0, 1] - max(z)');
 * const { maps } = await explain(model, input, { ...asked, methods: ['gradcam'] });
 * maps.gradcam.raw.shape // [12, 12]
 */
export async function scoreFor(
  model: Model,
  input: TensorLike,
  score: PresetScore | (string & {}),
  options: ScoreForOptions = {},
): Promise<ScoreChosen> {
  checkModel(model);
  checkOptions(options, optionKinds, 'choose a score');
  checkAsked(score, options);
  const { class: classAsked, output, boxes, point, mask, arrays, ...running } = options;
  const preset = presetOf(score);
  const wanted = preset?.name ?? classAsked;
  const { find } = classFinder({ labels: model.labels, count: undefined });
  const classIndex = typeof wanted === 'string' ? find(wanted) : wanted;
  const classed = classIndex === undefined ? {} : { class: classIndex };
  if (preset === undefined && !isNamed(score)) {
    refuseMisspelt(score, 'the score');
    const files = {
      array: (name: string) => arrayOf(arrays, name),
      mask: (name: string, h: number, w: number) => resized(arrayOf(arrays, name), h, w),
    };
    return {
      score: expressionScore(score, model, { files, output }),
      ...(output !== undefined && { output }),
    };
  }
  const named = isNamed(score) ? score : 'exp';
  const said = { score, output, boxes, hasPoint: point !== undefined, hasMask: mask !== undefined };
  const kind = kindOf(model, said);
  if (kind === 'picture') return { score: named, ...(output !== undefined && { output }), ...classed };
  if (kind === 'pixels') {
    const at = mask && ((h: number, w: number) => resized(toTensor(mask, 'mask'), h, w));
    return { score: named, question: pixelQuestion(model, { output, mask: at }), ...classed };
  }
  const image = checkImage(toTensor(input, 'look for boxes'), model);
  const found = await boxesIn(model, image, { layout: boxes, point, ...running });
  const best = classIndex ?? predictedClass(found.scores, 'look for boxes');
  return { score: named, question: await found.question(best), class: best };
}
