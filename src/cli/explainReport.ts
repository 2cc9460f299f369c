import { effectiveSampleSize, timesOnTop } from '../cam/diagnostics.ts';
import type { Explanation, RankedClass } from '../cam/explanation.ts';
import { formatShape } from '../tensor/shape.ts';
import type { ExplainFlags, ExplainPlan } from './explainPlan.ts';
import { formatNumber } from './formatTable.ts';
import type { Io } from './io.ts';
import { describeClass, plainLabel } from './matchClass.ts';

function percent(p: number): string {
  return p >= 0.0005 ? `${(100 * p).toFixed(1)} %` : `${(100 * p).toExponential(1)} %`;
}

function topLine({ classIndex, label, probability }: RankedClass): string {
  const name = label === undefined ? '' : `  ${plainLabel(label)}`;
  return `  ${percent(probability).padStart(9)}  ${String(classIndex).padStart(5)}${name}`;
}

function noiseText({ evidence }: Explanation, { samples, sigma, seed }: ExplainFlags): string {
  const noisy = evidence['smoothgradcam++'];
  const settings = `σ ${formatNumber(sigma)}, n ${sigma === 0 ? 1 : samples}, seed ${seed}`;
  if (noisy === undefined) return settings;
  const onTop = timesOnTop(noisy.samples);
  const effective = effectiveSampleSize(noisy).toFixed(1);
  return `${settings}; class on top in ${onTop} of ${noisy.samples.length}, effective samples ${effective}`;
}

function selectionText({ maps, neuron, region }: ExplainFlags): string {
  const parts = { maps, neurons: neuron?.join(' '), region };
  return Object.entries(parts)
    .flatMap(([name, text]) => (text === undefined ? [] : [`${name} ${text}`]))
    .join(', ');
}

/** Lines on the choices of one explanation: name and text. */
export function choiceLines(
  explanation: Explanation,
  { choice, shape }: Pick<ExplainPlan, 'choice' | 'shape'>,
  flags: ExplainFlags,
): [string, string][] {
  const { explained, layer, maps } = explanation;
  const { classIndex, label, logit, probability } = explained;
  const rank = explained.rank === 1 ? 'predicted' : `rank ${explained.rank}`;
  const answer = `${rank}, p ${formatNumber(probability)}, z ${formatNumber(logit)}`;
  const selection = selectionText(flags);
  const lines: [string, string][] = [
    ['class', `${describeClass(classIndex, label)} (${answer})`],
    ['layer', shape === undefined ? layer : `${layer} ${formatShape(shape)}`],
    ['selection', selection],
    ['score', `${flags.score}, numerator ${flags.numerator}`],
    ['noise', 'smoothgradcam++' in maps || 'smoothgrad' in maps ? noiseText(explanation, flags) : ''],
    ['picture', `prepared as ${choice.preprocessName}`],
  ];
  return lines.filter(([, text]) => text !== '');
}

/** Prints the five most probable classes of a picture. */
export function printTop(io: Io, image: string, { top }: Explanation): void {
  io.print(io.colors.bold(image));
  for (const each of top) io.print(topLine(each));
}

/** Prints what was explained and what was chosen. */
export function printExplanation(
  io: Io,
  explanation: Explanation,
  plan: Pick<ExplainPlan, 'choice' | 'shape'>,
  flags: ExplainFlags,
): void {
  for (const [name, text] of choiceLines(explanation, plan, flags)) {
    io.print(`  ${io.colors.dim(name.padEnd(9))}  ${text}`);
  }
}
