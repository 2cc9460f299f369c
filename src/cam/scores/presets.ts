import type { Model } from '../../model/model.ts';
import { logitsIn } from '../../model/modelOf.ts';
import { InputError } from '../../tensor/errors.ts';
import { didYouMean } from '../../tensor/nearest.ts';
import { knownLayout, refuseChosenBoxes } from '../boxes/boxQuestion.ts';
import type { BoxLayoutName } from '../boxes/layouts.ts';
import { type NamedScore, scoreNames } from '../score.ts';

/** A score by name: of the logits, of the class of a detector's best box, or of that of a segmentation's pixels. */
export type PresetScore = NamedScore | `class:${string}` | `pixels:${string}`;

export const isNamed = (text: string): text is NamedScore => scoreNames.some((name) => name === text);

/** What --score and `scoreFor` take. */
export const scoreHelp = `${scoreNames.join(', ')}; class:C of a detector's best box, pixels:C of a segmentation; or an expression over the outputs, such as "z[0, 281] - max(z)"`;

/** @throws InputError for what is no expression but nearly a name. */
export function refuseMisspelt(text: string, what: string): void {
  const near = didYouMean(text, scoreNames);
  if (near !== '') throw new InputError(`Cannot use ${what} "${text}": it must be ${scoreHelp}${near}`);
}

/** A score that names the class of a box or of pixels: "class:dog". */
export function presetOf(text: string): { kind: 'class' | 'pixels'; name: string } | undefined {
  const [, kind, name] = /^(class|pixels):(.+)$/s.exec(text) ?? [];
  return name === undefined ? undefined : { kind: kind as 'class' | 'pixels', name };
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

/** What was said of what is asked. */
export interface Said {
  readonly score: string;
  readonly output?: string | undefined;
  readonly boxes?: BoxLayoutName | undefined;
  readonly hasPoint?: boolean | undefined;
  readonly hasMask?: boolean | undefined;
}

/** What the outputs are asked for: classes of boxes, of pixels, or of the picture. */
export function kindOf(model: Model, { score, output, boxes, hasPoint, hasMask }: Said) {
  const kind = presetOf(score)?.kind;
  if (kind === 'pixels' || hasMask) return 'pixels' as const;
  if (boxes !== undefined || hasPoint) return 'boxes' as const;
  if (output !== undefined || logitsIn(model, output) !== undefined) return 'picture' as const;
  if (kind === 'class' || knownLayout(model) !== undefined) return 'boxes' as const;
  if (isSegmenter(model)) return 'pixels' as const;
  if (isNamed(score)) refuseChosenBoxes(model);
  return 'picture' as const;
}
