import type { GraphNode } from '../data/format.ts';
import type { Value } from '../run/program.ts';
import type { Buffer, Operation } from './lower/values.ts';

/** Values on the host while a schedule runs, by name. */
export type HostValues = Map<string, Value>;

/** Memory of a buffer, as floats in the order of the graph. */
export type View = (buffer: Buffer, length: number) => Float32Array;

/** An operation of the device, or something that the host does between operations. */
export interface Item {
  readonly operation: Operation;
  /** The tensor that it helps to make. */
  readonly layer?: string;
  readonly host?: (values: HostValues, view: View) => void;
}

export interface Schedule {
  readonly items: readonly Item[];
  /** Nodes that are left to the host. */
  readonly left: readonly GraphNode[];
  /** What takes cotangents of the targets back to the source: after the items, and any number of times. */
  readonly back?: { readonly items: readonly Item[]; readonly output: string };
}

/** A shape that turned out otherwise than it was inferred, because it depends on values. */
export class ShapeSurprise extends Error {}
