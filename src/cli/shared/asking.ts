import { createHash } from 'node:crypto';
import type { BoxLayoutName } from '../../cam/boxes/layouts.ts';
import { expressionScore, type FileReader } from '../../cam/expression/expressionScore.ts';
import { pixelQuestion } from '../../cam/pixelQuestion.ts';
import type { OutputScore, Question } from '../../cam/question.ts';
import type { NamedScore } from '../../cam/score.ts';
import { isNamed, kindOf, presetOf, refuseMisspelt } from '../../cam/scores/presets.ts';
import { resizePicture } from '../../image/resizePicture.ts';
import type { Model } from '../../model/model.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { readInputFile } from '../../node/readInputFile.ts';
import { InputError } from '../../tensor/errors.ts';
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
  const said = { score: text, output, boxes: flags.boxes };
  const kind = kindOf(model, {
    ...said,
    hasPoint: Array.isArray(flags.box),
    hasMask: flags.mask !== undefined,
  });
  checkFlags(kind, flags);
  const classes = (preset && [preset.name]) ?? (typeof given === 'string' ? [given] : given);
  if (preset === undefined && !isNamed(text)) {
    refuseMisspelt(text, '--score');
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
