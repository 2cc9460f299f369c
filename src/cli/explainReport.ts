import { effectiveSampleSize, timesOnTop } from '../cam/diagnostics.ts';
import type { Evidence } from '../cam/evidence.ts';
import type { Explanation, RankedClass } from '../cam/explanation.ts';
import { methodOf } from '../cam/methods.ts';
import { formatShape } from '../tensor/shape.ts';
import type { ExplainFlags, ExplainPlan } from './explainPlan.ts';
import { formatNumber } from './formatTable.ts';
import type { Io } from './io.ts';
import { describeClass, plainLabel } from './matchClass.ts';

/** 0.95302 → "95.3 %" */
function percent(p: number): string {
  const share = 100 * p;
  return `${share >= 0.05 ? share.toFixed(1) : Number(share.toPrecision(2))} %`;
}

function topLine({ classIndex, label, probability }: RankedClass): string {
  const name = label === undefined ? '' : `  ${plainLabel(label)}`;
  return `  ${percent(probability).padStart(9)}  ${String(classIndex).padStart(5)}${name}`;
}

function selectionText({ maps, neuron, region }: ExplainFlags): string {
  const parts = { maps, neurons: neuron?.join(' '), region };
  return Object.entries(parts)
    .flatMap(([name, text]) => (text === undefined ? [] : [`${name} ${text}`]))
    .join(', ');
}

type Line = readonly [name: string, text: string];

/** What holds for every class of a picture. */
function choiceLines(
  { layer, choices }: Explanation,
  { choice, shape }: Pick<ExplainPlan, 'choice' | 'shape'>,
  flags: ExplainFlags,
): Line[] {
  const { methods, score, numerator, sigma, samples, seed } = choices;
  const noisy = methods.some((name) => methodOf(name).noisy);
  return [
    ['layer', shape === undefined ? layer : `${layer} ${formatShape(shape)}`],
    ['selection', selectionText(flags)],
    ['score', `${score}, numerator ${numerator}`],
    ['noise', noisy ? `σ ${formatNumber(sigma)}, n ${samples}, seed ${seed}` : ''],
    ['picture', `prepared as ${choice.preprocessName}`],
  ];
}

function classLines({ explained, evidence }: Explanation): Line[] {
  const { classIndex, label, logit, probability } = explained;
  const rank = explained.rank === 1 ? 'predicted' : `rank ${explained.rank}`;
  const answer = `${rank}, p ${formatNumber(probability)}, z ${formatNumber(logit)}`;
  const noisy = Object.values(evidence).find(({ sigma }) => sigma > 0);
  return [
    ['class', `${describeClass(classIndex, label)} (${answer})`],
    ['samples', noisy === undefined ? '' : samplesText(noisy)],
  ];
}

function samplesText(noisy: Evidence): string {
  const { samples } = noisy;
  const effective = effectiveSampleSize(noisy).toFixed(1);
  return `class on top in ${timesOnTop(samples)} of ${samples.length}, effective sample size ${effective}`;
}

/** Prints what a picture shows, the choices made, and each class explained. */
export function printImage(
  io: Io,
  image: string,
  {
    explanations,
    plan,
    flags,
  }: { explanations: readonly Explanation[]; plan: ExplainPlan; flags: ExplainFlags },
): void {
  const [first] = explanations;
  io.print(io.colors.bold(image));
  for (const each of first.top) io.print(topLine(each));
  const lines = [...choiceLines(first, plan, flags), ...explanations.flatMap(classLines)];
  for (const [name, text] of lines) {
    if (text !== '') io.print(`  ${io.colors.dim(name.padEnd(9))}  ${text}`);
  }
}

/** How a warning about one explanation begins. */
export function warningPlace(image: string, { classIndex, label }: Explanation, several: boolean): string {
  return several ? `${image}, class ${describeClass(classIndex, label)}` : image;
}
