import type { RankedClass } from '../../cam/explanation.ts';
import { plainLabel } from '../../cam/matchClass.ts';

/** 0.95302 → "95.3 %" */
function percent(p: number): string {
  const share = 100 * p;
  return `${share >= 0.05 ? share.toFixed(1) : Number(share.toPrecision(2))} %`;
}

/** A class among the most probable, for a line of its own. */
export function topLine({
  classIndex,
  label,
  probability,
}: Pick<RankedClass, 'classIndex' | 'label' | 'probability'>): string {
  const name = label === undefined ? '' : `  ${plainLabel(label)}`;
  return `  ${percent(probability).padStart(9)}  ${String(classIndex).padStart(5)}${name}`;
}
