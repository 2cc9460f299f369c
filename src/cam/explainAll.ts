import type { Model } from '../model/model.ts';
import { describe } from '../tensor/describe.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { wantRecord } from '../tensor/options.ts';
import { batchRow, stackRows } from '../tensor/rows.ts';
import { sameShape } from '../tensor/shape.ts';
import { isNdarray, type NdarrayLike, type TensorLike, toTensor } from '../tensor/tensor.ts';
import { batchFor } from './batchFor.ts';
import { checkImage, checkModel, choose, type ExplainOptions, readOptions } from './choices.ts';
import { classesAsked } from './classesAsked.ts';
import { explainSubject, type Subject } from './explain.ts';
import type { Explanation, ExplanationBy } from './explanation.ts';
import type { DefaultMethodName, MethodName } from './methods.ts';
import { questionOf } from './question.ts';

/** Images, each as `explain` takes it: a batch [N, C, H, W], a list, or what gives one after another, such as a generator that reads files. */
export type Images = NdarrayLike | Iterable<TensorLike> | AsyncIterable<TensorLike>;

interface Given {
  readonly images: Iterable<TensorLike> | AsyncIterable<TensorLike>;
  /** How many there are, where that is known before they are read. */
  readonly count: number | undefined;
}

function imagesOf(inputs: Images): Given {
  if (isNdarray(inputs)) {
    const batch = toTensor(inputs, 'explain');
    if (batch.shape.length !== 4) {
      throw new ShapeError(
        `Cannot explain all of a tensor of shape [${batch.shape.join(', ')}]: a batch [N, C, H, W] is wanted, or a list of images`,
      );
    }
    const count = batch.shape[0];
    return { images: Array.from({ length: count }, (_, n) => batchRow(batch, n)), count };
  }
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: later } = Object(inputs) as Partial<
    Iterable<unknown> & AsyncIterable<unknown>
  >;
  if (typeof inputs !== 'string' && (typeof each === 'function' || typeof later === 'function')) {
    return { images: inputs, count: Array.isArray(inputs) ? inputs.length : undefined };
  }
  throw new InputError(
    `Cannot explain all: a batch [N, C, H, W], a list of images or an iterable of them is wanted, got ${describe(inputs)}`,
  );
}

/** Says of what is refused which image it is. */
function naming<T>(place: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const message = `Cannot explain image ${place}: ${error.message.replace(/^Cannot explain: /, '')}`;
    throw error instanceof ShapeError ? new ShapeError(message) : new InputError(message);
  }
}

/** The images of a list in batches: of one shape, as many as go through the network together. */
async function* batchesOf(
  { images }: Given,
  subjectOf: (image: TensorLike, place: number) => Subject,
): AsyncGenerator<Subject[], void, undefined> {
  let batch: Subject[] = [];
  let place = 0;
  for await (const image of images) {
    const subject = subjectOf(image, place);
    const [first = subject] = batch;
    const most = batchFor(first.split, first.image, false);
    if (batch.length >= most || !sameShape(first.image.shape, subject.image.shape)) {
      yield batch;
      batch = [];
    }
    batch.push(subject);
    place++;
  }
  if (batch.length > 0) yield batch;
}

/** Share of an image's time that the way through the trunk with others takes, as progress shows it. */
const TRUNK = 0.3;

async function* explanations(
  model: Model,
  given: Given,
  options: ExplainOptions,
): AsyncGenerator<Explanation, void, undefined> {
  const { class: classIndex, signal, threads, onProgress, ...others } = options;
  const classes = classesAsked(model, classIndex === undefined ? undefined : [classIndex]);
  const question = questionOf(model, options);
  const { outputs } = question;
  const split = model.split(options.layer, { outputs });
  let done = 0;
  const tell = (images: number) => {
    if (given.count !== undefined) onProgress?.(Math.min(1, images / given.count));
  };
  const subjectOf = (input: TensorLike, place: number): Subject =>
    naming(place, () => {
      const image = checkImage(toTensor(input, 'explain'), model);
      return { model, image, question, chosen: choose(split, image, options), split };
    });
  for await (const batch of batchesOf(given, subjectOf)) {
    const clean = await split.at(stackRows(batch.map(({ image }) => image)), {
      ...{ signal, threads },
      onProgress: (share) => tell(done + TRUNK * share * batch.length),
    });
    for (const [n, subject] of batch.entries()) {
      const before = done + TRUNK * (batch.length - n);
      const weight = done + 1 + TRUNK * (batch.length - n - 1) - before;
      const [explanation] = await explainSubject(
        { ...subject, clean: clean.image(n) },
        { ...others, classes, signal, threads, onProgress: (share) => tell(before + weight * share) },
      );
      done++;
      yield explanation;
    }
  }
}

/**
 * Explains images one after another, in the order given: what `explain` gives of each, bit for bit. Images of one shape go through the
 * trunk in batches of up to 8, where the network keeps them apart. What is held are the images of a batch with their activations:
 * a generator may give any number of images, and leaving the loop ends the work. `onProgress` hears the share of all images, where
 * their number is known. Cost: as `explain`, the clean passes shared.
 * @throws InputError for a choice that does not exist; while it runs, for an image that cannot be explained, naming its place.
 * @example
 * const model = await loadModel('weights/scenes-vgg.json');
 * const { input } = preprocessFor(model, await loadPicture('weights/sample.png'));
 * const ranks = [];
 * for await (const { explained } of explainAll(model, [input, zeros(model.inputShape)], { methods: ['gradcam'] })) {
 *   ranks.push(explained.rank);
 * }
 * ranks // [1, 1]
 */
export function explainAll<M extends MethodName = DefaultMethodName>(
  model: Model,
  inputs: Images,
  options: ExplainOptions<M> = {},
): AsyncGenerator<ExplanationBy<M>, void, undefined> {
  checkModel(model);
  wantRecord(options, 'options', 'explain');
  readOptions(options);
  if ('classes' in options) {
    throw new InputError(
      'Cannot explain all by classes: one class of each image is explained; give class, or call explainClasses for each image',
    );
  }
  return explanations(model, imagesOf(inputs), options) as AsyncGenerator<ExplanationBy<M>, void, undefined>;
}
