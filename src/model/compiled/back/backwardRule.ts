import type { Shape } from '../../../tensor/shape.ts';
import type { Tensor } from '../../../tensor/tensor.ts';
import type { GraphNode } from '../../data/format.ts';

/** What a rule is told: a node of the graph and the cotangent of what it gives. */
export interface BackwardContext {
  readonly node: GraphNode;
  /** Input i of the node as a constant. */
  constant(i: number): Tensor | undefined;
  shapeOf(name: string): Shape | undefined;
  readonly cotangent: string;
  /** The cotangent of output i, if there is one: nodes with several outputs. */
  cotangentOf(i: number): string | undefined;
  /** Factors per channel that this cotangent still lacks: a BatchNormalization to be folded into the convolution before it. */
  readonly factors: Float64Array | undefined;
  /** Whether input i leads to the source, so that its cotangent is wanted. */
  isWanted(i: number): boolean;
  /** A new node; the name of what it gives, a tensor of `shape`. */
  emit(node: { op: string; inputs: string[]; attributes?: GraphNode['attributes'] }, shape: Shape): string;
  /** A new constant; its name. */
  keep(tensor: Tensor): string;
  /** Hands a cotangent of input i on. */
  give(i: number, cotangent: string): void;
  /** Hands a cotangent on that is still to be multiplied; only where `takesFactors` says so. */
  giveScaled(i: number, cotangent: string, factors: Float64Array): void;
  /** Whether input i comes from a convolution that nothing else reads, so that factors can be folded into it. */
  takesFactors(i: number): boolean;
}

/** Adds to the cotangents of a node's inputs; false where a device has no backward pass for it. */
export type BackwardRule = (context: BackwardContext) => boolean;
