import type { Layout } from '../../autodiff/places/layout.ts';
import type { Explanation } from '../../cam/explanation.ts';
import { describeClass } from '../../cam/matchClass.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import { describeExplained } from '../../cam/pairText.ts';
import { formatLayout } from '../../model/graph/layout.ts';
import { selectionText } from '../../node/explanation/selectionText.ts';
import { formatNumber } from '../../tensor/formatNumber.ts';
import { formatShape, type Shape } from '../../tensor/shape.ts';
import type { Io } from '../shared/io.ts';
import { topLine } from '../shared/topLines.ts';
import type { ExplainPlan } from './plan.ts';

type Line = readonly [name: string, text: string];

/** What a manifest says of an explanation, as far as it is printed. */
export interface Shown
  extends Pick<Explanation, 'layer' | 'top' | 'explained' | 'against' | 'choices' | 'warnings' | 'picked'> {
  readonly noise?: {
    readonly sigma: number;
    readonly samples: readonly unknown[];
    readonly onTop: number;
    readonly effectiveSampleSize: number;
  };
}

function layerText(layer: string, layout: Layout, shape: Shape | undefined): string {
  const maps = shape === undefined ? layer : `${layer} ${formatShape(shape)}`;
  return layout.kind === 'NCHW' ? maps : `${maps} of ${formatLayout(layout)}`;
}

/** What holds for every class of a picture. */
function choiceLines(
  { layer, choices }: Shown,
  { choice, layout, shape, select }: Pick<ExplainPlan, 'choice' | 'layout' | 'shape' | 'select'>,
): Line[] {
  const { methods, score, expression, numerator, sigma, samples, seed, sigmasTried } = choices;
  const noisy = methods.some((name) => methodOf(name).noisy);
  const found = sigmasTried === undefined ? '' : ' (found)';
  return [
    ['layer', layerText(layer, layout ?? choices.layout, shape)],
    ['selection', selectionText(select)],
    ['score', expression ?? `${score}, numerator ${numerator}`],
    ['noise', noisy ? `σ ${formatNumber(sigma)}${found}, n ${samples}, seed ${seed}` : ''],
    ['picture', `prepared as ${choice.preprocessName}`],
  ];
}

const signs = { least: '≥ ', most: '≤ ' } as const;

function classText({ classIndex, label, logit, bound, probability, rank }: Shown['explained']): string {
  const place = rank === 1 ? 'predicted' : `rank ${rank}`;
  const answer = `${place}, p ${formatNumber(probability)}, z ${bound === undefined ? '' : signs[bound]}${formatNumber(logit)}`;
  return `${describeClass(classIndex, label)} (${answer})`;
}

function classLines({ explained, against, choices, picked, noise }: Shown): Line[] {
  return [
    choices.expression === undefined ? ['class', classText(explained)] : ['value', valueText(explained)],
    ['chosen', picked === undefined ? '' : pickedText(picked)],
    ['against', against === undefined ? '' : classText(against)],
    ['samples', noise === undefined || noise.sigma === 0 ? '' : samplesText(noise)],
  ];
}

/** What an expression gives, where it stands in place of a class. */
const valueText = ({ label, logit }: Shown['explained']): string =>
  label === undefined ? '' : formatNumber(logit);

/** What was chosen on the clean picture: "max(output): 17". */
const pickedText = (picked: NonNullable<Shown['picked']>): string => {
  const one = (value: unknown) => (typeof value === 'number' ? formatNumber(value) : String(value));
  const text = (chosen: unknown) =>
    !Array.isArray(chosen)
      ? one(chosen)
      : chosen.length > 8
        ? `${chosen.length} places`
        : chosen.map(one).join(' ');
  return Object.entries(picked)
    .map(([name, chosen]) => `${name} ${text(chosen)}`)
    .join(', ');
};

function samplesText({ samples, onTop, effectiveSampleSize }: NonNullable<Shown['noise']>): string {
  const effective = effectiveSampleSize.toFixed(1);
  return `class on top in ${onTop} of ${samples.length}, effective sample size ${effective}`;
}

/** How a warning about one explanation begins. */
function warningPlace(image: string, shown: Shown, several: boolean): string {
  return several ? `${image}, class ${describeExplained(shown)}` : image;
}

/** Prints what a picture shows, the choices made, each class explained, and what is to be doubted of it. */
export function printImage(
  io: Io,
  image: string,
  { shown, plan }: { shown: readonly Shown[]; plan: ExplainPlan },
): void {
  const [first] = shown;
  io.print(io.colors.bold(image));
  for (const each of first.top) io.print(topLine(each));
  const lines = [...choiceLines(first, plan), ...shown.flatMap(classLines)];
  for (const [name, text] of lines) {
    if (text !== '') io.print(`  ${io.colors.dim(name.padEnd(9))}  ${text}`);
  }
  const several = shown.length > 1;
  for (const each of shown) {
    for (const warning of each.warnings) io.warn(`${warningPlace(image, each, several)}: ${warning}`);
  }
}
