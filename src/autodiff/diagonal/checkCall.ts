import { InputError } from '../../tensor/errors.ts';
import { checkOptions, type OptionKinds, wantFunction } from '../../tensor/options.ts';

/** What is asked of diagonals, as its errors name it. */
export const action = 'take diagonal';

/** Highest order of derivatives that is taken. */
export const MOST_ORDER = 20;

/** @throws InputError for a tolerance that is no share. */
export function checkPrune(prune: number, action: string): void {
  if (prune >= 0 && prune < 1) return;
  throw new InputError(
    `Cannot ${action}: prune must be the largest error allowed as a share of the largest derivative, from 0 to below 1, got ${prune}`,
  );
}

/** @throws InputError where f is no function, an option does not exist or is of another kind, or the order is out of range. */
export function checkCall(
  f: unknown,
  options: {
    readonly order?: number | undefined;
    readonly score?: unknown;
    readonly prune?: number | undefined;
  },
  more: OptionKinds = {},
): void {
  wantFunction(f, 'f', action);
  checkOptions(
    options,
    {
      order: 'number',
      entries: 'numbers',
      plan: 'text',
      score: 'record',
      prune: 'number',
      memory: 'count',
      onPlan: 'function',
      ...more,
    },
    action,
  );
  const { order = 3, score, prune = 0 } = options;
  checkPrune(prune, action);
  if (!Number.isInteger(order) || order < 1 || order > MOST_ORDER) {
    throw new InputError(
      `Cannot ${action}: the order must be a whole number from 1 to ${MOST_ORDER}, got ${order}`,
    );
  }
  if (score !== undefined) wantFunction((score as { value?: unknown }).value, 'value of the score', action);
}
