import { full } from '../../tensor/tensor.ts';
import { matmul } from '../operations.ts';
import type { Estimate } from './plan.ts';

/** Sides of the matrices that are multiplied to see how fast the machine is: some milliseconds in all. */
const SIDE = 256;
const TIMES = 3;

let measured: number | undefined;

/** Multiply-adds a second of matrix products in float64 on this machine, measured once. */
export function productSpeed(): number {
  if (measured !== undefined) return measured;
  const factor = full([SIDE, SIDE], 0.5);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= TIMES; i++) {
    const started = performance.now();
    matmul(factor, factor);
    least = Math.min(least, performance.now() - started);
  }
  measured = SIDE ** 3 / (least / 1000);
  return measured;
}

/** What a plan takes that applies. */
export interface Prediction {
  /** On this machine, roughly. */
  readonly seconds: number;
  /** At most, beside f, its values and the derivatives: what `memory` bounds. */
  readonly bytes: number;
}

/** What is said of a plan before it runs: by `plan.explain()`, by `--plan list` and where long work is announced. */
export function predict(plan: Pick<Estimate, 'work' | 'bytes'>, speed = productSpeed): Prediction {
  return { seconds: plan.work / speed(), bytes: plan.bytes };
}
