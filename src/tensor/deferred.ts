import type { Shape } from './shape.ts';
import { type DType, type FloatArray, rowMajor, type Tensor } from './tensor.ts';

/** Where values come from that are not at hand. */
export interface DeferredValues {
  /** The values, to be kept. */
  read(): FloatArray;
  /** Writes them elsewhere, without keeping them. */
  fill(out: FloatArray): void;
}

const sources = new WeakMap<Tensor, DeferredValues>();

/** A row-major tensor whose values are read when they are first asked for, and kept from then on. */
export function deferred(shape: Shape, dtype: DType, source: DeferredValues): Tensor {
  let values: FloatArray | undefined;
  const x: Tensor = {
    shape: [...shape],
    stride: rowMajor(shape),
    offset: 0,
    dtype,
    get data() {
      values ??= source.read();
      sources.delete(x);
      return values;
    },
  };
  sources.set(x, source);
  return x;
}

/** What a tensor's values are written by, as long as nothing has asked for them; undefined for others, whose data are at hand. */
export const fillOf = (x: Tensor): DeferredValues['fill'] | undefined => sources.get(x)?.fill;
