import type { Plan } from '../../src/autodiff/diagonal/diagonalResult.ts';
import { knownLayout } from '../../src/cam/boxes/boxQuestion.ts';
import { explain } from '../../src/cam/explain.ts';
import { pixelQuestion } from '../../src/cam/pixelQuestion.ts';
import { questionOf } from '../../src/cam/question.ts';
import { type ScoreChosen, scoreFor } from '../../src/cam/scores/scoreFor.ts';
import { formatLayout } from '../../src/model/graph/layout.ts';
import type { Model } from '../../src/model/model.ts';
import { logitsIn } from '../../src/model/modelOf.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

/** What is asked of a network where nothing is said, and what the command calls it. */
async function asked(model: Model, x: Tensor): Promise<{ name: string; options: ScoreChosen }> {
  if (logitsIn(model, undefined) !== undefined) return { name: '`exp`', options: {} };
  const boxes = knownLayout(model);
  if (boxes !== undefined)
    return { name: `\`class:C\` (${boxes})`, options: await scoreFor(model, x, 'exp') };
  return { name: '`pixels:C`', options: { question: pixelQuestion(model) } };
}

/** The plan by which the derivatives of exp(z_c) are taken: the work ends where it is known. */
async function planOf(model: Model, x: Tensor, options: ScoreChosen): Promise<string> {
  let plan: string | undefined;
  const known = new Error('Internal: the plan is known');
  const onPlan = ({ name }: Pick<Plan, 'name'>) => {
    plan = name;
    throw known;
  };
  try {
    await explain(model, x, { ...options, methods: ['gradcam++'], derivatives: 'all', onPlan });
  } catch (error) {
    if (error !== known) throw error;
  }
  return plan === undefined ? 'one backward pass' : `\`${plan}\``;
}

/** Columns of docs/networks.md that follow from the network: its default layer, layout, score, what is drawn, and the plan of exp. */
export async function describeNetwork(model: Model, x: Tensor): Promise<readonly string[]> {
  const { name, options } = await asked(model, x);
  const { outputs } = questionOf(model, options);
  const split = model.split(undefined, { outputs });
  const { op, shape } = model.layer(split.layer);
  const layout = split.layout === undefined ? '' : formatLayout(split.layout);
  const drawn = split.isSigned ? 'Grad-CAM' : 'all four';
  return [
    `${op} [${shape?.slice(1).join(', ') ?? ''}]`,
    layout,
    name,
    drawn,
    await planOf(model, x, options),
  ];
}
