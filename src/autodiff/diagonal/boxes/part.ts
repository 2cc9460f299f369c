import type { Shape } from '../../../tensor/shape.ts';
import type { Box } from './box.ts';

/** An operation of which only parts of the inputs are not zero, and only a part of the output is wanted. */
export interface Question<A = unknown> {
  readonly attributes: A;
  readonly shapes: readonly Shape[];
  readonly output: Shape;
  /** Outside of these, the inputs' coefficients are zero; undefined for inputs that do not vary. */
  readonly boxes: readonly (Box | undefined)[];
  /** What of the output is read. */
  readonly wanted: Box;
}

/** The same operation on parts: with `attributes`, the parts `inputs` give the part `output`, and all else of it is zero or unread. */
export interface Part {
  readonly output: Box;
  /** The part of each input; an input without one is left out. */
  readonly inputs: readonly (Box | undefined)[];
  readonly attributes: unknown;
}
