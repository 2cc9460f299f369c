import type { Layout } from '../../autodiff/places/layout.ts';

/** What the axes of a network's tensors mean, and which of their entries its logits depend on. */
export interface Axes {
  /** The layout of a tensor; undefined where it has none that is known. */
  layoutOf(tensor: string): Layout | undefined;
  /**
   * Whether the logits may depend on entries of a tensor that lie on the grid of this layout: of tokens, on others than those before the
   * grid.
   */
  reaches(tensor: string, layout: Layout): boolean;
}
