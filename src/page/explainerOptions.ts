import type { ExplainOptions } from '../cam/choices.ts';
import type { CoreMethodName, DefaultMethodName } from '../cam/methods.ts';
import type { NamedScore } from '../cam/score.ts';
import type { MapLook } from '../image/overlay.ts';
import type { PageExplanation } from './messages.ts';
import type { OpenModelOptions } from './openModel.ts';

/** The model of an explainer, and how its worker computes. */
export interface ExplainerOptions extends OpenModelOptions {
  /** Threads of the worker, itself among them, in an isolated page: one fewer than the machine runs at once unless given. */
  readonly threads?: number | undefined;
}

/** How maps are drawn over the picture. */
export interface DrawOptions extends MapLook {
  /** Pixels of the drawn picture's longer side; unless given those of the picture, and at most 2048. */
  readonly size?: number | undefined;
}

/** What is explained in a page, by which methods and how; see `ExplainOptions` of `jetgrad/core`. */
export interface PageExplainOptions<M extends CoreMethodName = DefaultMethodName>
  extends Omit<ExplainOptions<M>, 'score' | 'onPlan' | 'moreMethods'> {
  readonly score?: NamedScore | undefined;
  readonly draw?: DrawOptions | undefined;
  /** Hears of methods as they are done: those that need no noise come first. */
  readonly onPart?: ((part: PageExplanation) => void) | undefined;
}
