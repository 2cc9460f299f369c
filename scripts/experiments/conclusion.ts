import type { MetricName } from '../../src/cam/metrics/metrics.ts';
import type { Findings } from './page.ts';
import { labelled, number, verdict } from './tables.ts';

/** What localisation is judged by: the maps' mass on objects, and whether every object is lit and little else. */
const judged: readonly MetricName[] = ['mass', 'covered@0.5', 'focc'];

/** Sentences, each made of the rows that it names: what a run finds, they say. */
export function conclusionOf({ evaluations, derivatives }: Findings): string[] {
  const summaryOf = (name: string) => {
    const found = evaluations.find(({ evaluation }) => evaluation.name === name);
    if (found === undefined) throw new Error(`No run named ${name}`);
    return found.summary;
  };
  const methods = summaryOf('methods');
  const lines: string[] = [];
  for (const { model, notes } of labelled(methods)) {
    const same = notes.some((note) => note.startsWith('smoothgradcam++ is '));
    const text = (name: string) => judged.map((metric) => verdict(methods, model, [metric, name])).join(', ');
    lines.push(
      same
        ? `- **${model}**: Smooth Grad-CAM++ is Grad-CAM++, whatever the noise, as its head says (A, ${model}). Grad-CAM against Grad-CAM++: ${text('gradcam')}.`
        : `- **${model}** (A, ${model}): Smooth Grad-CAM++ against Grad-CAM++: ${text('smoothgradcam++')}. Grad-CAM against Grad-CAM++: ${text('gradcam')}.`,
    );
  }
  const tokens = summaryOf('tokens');
  for (const { model, count } of labelled(tokens)) {
    const text = (name: string) => judged.map((metric) => verdict(tokens, model, [metric, name])).join(', ');
    lines.push(
      `- **${model}** (B, ${count} scenes): Smooth Grad-CAM++ against Grad-CAM++: ${text('smoothgradcam++')}. Grad-CAM against Grad-CAM++: ${text('gradcam')}.`,
    );
  }
  for (const { model, comparisons } of labelled(methods)) {
    const follows = comparisons.find(({ metric }) => metric === 'contribution');
    const of = (name: string) => number(follows?.lines.find((line) => line.name === name)?.mean);
    if (follows === undefined) continue;
    lines.push(
      `- Does a map light objects as the network needs them? ${model} (A, ${model}, contribution): rank correlation ${of('gradcam')} for Grad-CAM, ${of('gradcam++')} for Grad-CAM++, ${of('smoothgradcam++')} for Smooth Grad-CAM++, ${of('smoothgrad')} for SmoothGrad; 0 is chance.`,
    );
  }
  const letter = 'ABCDEFGH'[evaluations.length];
  for (const { network, rows } of derivatives.networks) {
    const exact = rows.find(({ title }) => title.startsWith('derivatives of exp'));
    const prob = rows.find(({ title }) => title.startsWith('derivatives of prob'));
    if (exact === undefined || prob === undefined || 'refused' in exact || 'refused' in prob) continue;
    lines.push(
      `- True derivatives or powers of the gradient, ${network} (${letter}): the maps overlap by ${number(exact.overlap)} under exp (correlation of weights ${number(exact.correlation)}) and by ${number(prob.overlap)} under prob, where ${number(100 * prob.flipped, 0)} % of the α that count are negative and ${prob.empty[0]} of ${prob.count} maps are empty.`,
    );
  }
  return lines;
}
