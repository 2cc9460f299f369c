import { adjoint } from './adjoint/adjoint.ts';
import { channelCollapse } from './channelCollapse.ts';
import { jets } from './jets.ts';
import { linearPrefix } from './linearPrefix.ts';
import type { Estimate, PlanRow } from './plan.ts';
import { poweredWeights } from './poweredWeights.ts';

/**
 * Every exact plan; the first of the cheapest is chosen. Names, the choice, the listing and the command's help derive from
 * these rows, and the tests hold each against nested gradients.
 */
export const plans = [
  jets,
  linearPrefix,
  channelCollapse,
  poweredWeights,
  adjoint,
] as const satisfies readonly PlanRow[];

/** The exact ways to diagonal derivatives, by name. */
export type PlanName = (typeof plans)[number]['name'];

/** A way to the diagonal derivatives, and what it would cost. */
export interface Candidate extends Estimate {
  readonly name: PlanName;
}
