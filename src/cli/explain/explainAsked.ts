import { boxesIn } from '../../cam/boxes/boxQuestion.ts';
import type { ExplainOptions } from '../../cam/choices.ts';
import type { ClassWanted } from '../../cam/contrast.ts';
import { explainClasses } from '../../cam/explain.ts';
import { type Explanation, topIndices } from '../../cam/explanation.ts';
import { moreMethods } from '../../cam/more/moreMethods.ts';
import type { Point } from '../shared/asking.ts';
import type { ExplainPlan } from './plan.ts';
import type { PreparedImage } from './prepareImages.ts';

/** A point of the photograph in pixels of the network's input. */
function onInput([x, y]: Point, { crop, input }: PreparedImage): Point {
  const [height, width] = input.shape.slice(-2);
  return [((x - crop.x) * width) / crop.width, ((y - crop.y) * height) / crop.height];
}

/** Explains a picture for what was asked: its classes, or those of the boxes that are found in it. */
export async function explainAsked(
  { model, asking, classes }: Pick<ExplainPlan, 'model' | 'asking' | 'classes'>,
  image: PreparedImage,
  options: ExplainOptions,
): Promise<Explanation[]> {
  const { boxes, options: asked } = asking;
  if (boxes === undefined)
    return explainClasses(model, image.input, { ...options, ...asked, moreMethods, classes });
  const { signal } = options;
  const point = boxes.point && onInput(boxes.point, image);
  const found = await boxesIn(model, image.input, { layout: boxes.layout, point, signal });
  const top = classes === undefined ? 1 : 'top' in classes ? classes.top : undefined;
  const wanted: readonly ClassWanted[] =
    top === undefined ? (classes as readonly ClassWanted[]) : topIndices(found.scores, top);
  const explanations: Explanation[] = [];
  for (const [at, each] of wanted.entries()) {
    const question = await found.question(typeof each === 'number' ? each : each.of);
    const onProgress = (share: number) => options.onProgress?.((at + share) / wanted.length);
    const [explanation] = await explainClasses(model, image.input, {
      ...{ ...options, ...asked, moreMethods, question, onProgress },
      classes: [each],
    });
    explanations.push(explanation);
  }
  return explanations;
}
