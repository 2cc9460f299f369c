import { createHash } from 'node:crypto';
import { knownLayout } from '../../cam/boxes/boxQuestion.ts';
import type { BoxLayoutName } from '../../cam/boxes/layouts.ts';
import { expressionScore, type FileReader } from '../../cam/expression/expressionScore.ts';
import { pixelQuestion } from '../../cam/pixelQuestion.ts';
import type { OutputScore, Question } from '../../cam/question.ts';
import { type NamedScore, scoreNames } from '../../cam/score.ts';
import { resizePicture } from '../../image/resizePicture.ts';
import type { Model } from '../../model/model.ts';
import { logitsIn } from '../../model/modelOf.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { readInputFile } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { decodeNpy } from '../../tensor/npy.ts';
import { fromData, type Tensor } from '../../tensor/tensor.ts';

/** A point of a picture, in its pixels [x, y]. */
export type Point = readonly [x: number, y: number];

/** What the flags say of what is asked. */
export interface AskFlags {
  readonly output?: string | undefined;
  readonly score: string;
  readonly class?: string | readonly string[] | undefined;
  readonly boxes?: BoxLayoutName | undefined;
  /** A point in the box; a number is another flag's. */
  readonly box?: number | Point | undefined;
  readonly mask?: string | undefined;
}

/** What is asked of a model's outputs. */
export interface Asking {
  readonly options: {
    readonly output?: string | undefined;
    readonly score: NamedScore | OutputScore;
    readonly question?: Question | undefined;
  };
  /** Where classes are those of a detector's boxes, which are looked for in each picture. */
  readonly boxes?: { readonly layout: BoxLayoutName | undefined; readonly point: Point | undefined };
  /** The classes that --score or --class names. */
  readonly classes: readonly string[] | undefined;
  /** Files that it reads, and the names of what is in them. */
  readonly files: ReadonlyMap<string, string>;
}

/** What --score takes, for help. */
export const scoreHelp = `${scoreNames.join(', ')}; class:C of a detector's best box, pixels:C of a segmentation; or an expression over the outputs, such as "z[0, 281] - max(z)"`;

/** Files of expressions: arrays as .npy, masks as pictures, white where they hold. */
function fileReader(read: (path: string) => Uint8Array): FileReader {
  return {
    array: (path) => decodeNpy(read(path), path),
    mask(path, height, width) {
      const { data } = resizePicture(decodePicture(read(path), path), width, height);
      const values = Float64Array.from({ length: height * width }, (_, i) => Number(data[4 * i] > 127));
      return fromData(values, [height, width]);
    },
  };
}

const isNamed = (text: string): text is NamedScore => scoreNames.some((name) => name === text);

/** A score that names the class of a box or of pixels: "class:dog". */
function presetOf(text: string): { kind: 'class' | 'pixels'; classes: readonly string[] } | undefined {
  const [, kind, name] = /^(class|pixels):(.+)$/s.exec(text) ?? [];
  return name === undefined ? undefined : { kind: kind as 'class' | 'pixels', classes: [name] };
}

/** Whether a model without logits gives each pixel one of as many classes as there are labels. */
function isSegmenter(model: Model): boolean {
  const shapes = new Map(model.layers.map(({ tensor, shape }) => [tensor, shape]));
  const count = model.labels?.length;
  return (
    count !== undefined &&
    model.outputs.some(({ name }) => shapes.get(name)?.length === 4 && shapes.get(name)?.includes(count))
  );
}

/** What the outputs are asked for: classes of boxes, of pixels, or of the picture. */
function kindOf(model: Model, flags: AskFlags): 'boxes' | 'pixels' | 'picture' {
  const { score, output, boxes, box, mask } = flags;
  const kind = presetOf(score)?.kind;
  if (kind === 'pixels' || mask !== undefined) return 'pixels';
  if (boxes !== undefined || Array.isArray(box)) return 'boxes';
  if (output !== undefined || logitsIn(model, output) !== undefined) return 'picture';
  if (kind === 'class' || knownLayout(model) !== undefined) return 'boxes';
  return isSegmenter(model) ? 'pixels' : 'picture';
}

/** @throws InputError for flags that do not go together. */
function checkFlags(
  kind: ReturnType<typeof kindOf>,
  { score, class: classes, box, boxes, mask }: AskFlags,
): void {
  const refuse = (flag: string, why: string) => {
    throw new InputError(`Cannot use ${flag} beside --score "${score}": ${why}`);
  };
  const isExpression = !isNamed(score) && presetOf(score) === undefined;
  const names = isExpression ? 'an expression names what it reads, such as z[0, 281]' : 'it names the class';
  if (classes !== undefined && !isNamed(score)) refuse('--class', names);
  if (isExpression && mask !== undefined) refuse('--mask', 'where(x, MASK.png) masks in an expression');
  if (isExpression && (boxes !== undefined || Array.isArray(box))) refuse('--box', names);
  if (kind === 'pixels' && (boxes !== undefined || Array.isArray(box)))
    refuse('--box', 'pixels are in no boxes');
}

/** Reads the flags of what is asked. @throws InputError for what they cannot mean for this model. */
export function askingOf(model: Model, flags: AskFlags): Asking {
  const { output, score: text, class: given } = flags;
  const files = new Map<string, string>();
  const read = (path: string) => {
    const bytes = readInputFile(path);
    files.set(path, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  };
  const preset = presetOf(text);
  const kind = kindOf(model, flags);
  checkFlags(kind, flags);
  const classes = preset?.classes ?? (typeof given === 'string' ? [given] : given);
  if (preset === undefined && !isNamed(text)) {
    const near = didYouMean(text, scoreNames);
    if (near !== '') throw new InputError(`Cannot use --score "${text}": it must be ${scoreHelp}${near}`);
    const score = expressionScore(text, model, { files: fileReader(read), output });
    return { options: { output, score }, classes, files };
  }
  const score = isNamed(text) ? text : 'exp';
  if (kind === 'picture') return { options: { output, score }, classes, files };
  if (kind === 'pixels') {
    const { mask: path } = flags;
    const masked = path === undefined ? undefined : read(path);
    const mask =
      path === undefined || masked === undefined
        ? undefined
        : (height: number, width: number): Tensor => fileReader(() => masked).mask(path, height, width);
    return { options: { score, question: pixelQuestion(model, { output, mask }) }, classes, files };
  }
  const point = typeof flags.box === 'object' ? flags.box : undefined;
  return { options: { score }, boxes: { layout: flags.boxes, point }, classes, files };
}
