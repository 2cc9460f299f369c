import { Printed } from './printed.ts';
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

/** A row-major tensor whose data are made when they are first asked for. */
export class LazyTensor extends Printed implements Tensor {
  readonly shape: Shape;
  readonly stride: readonly number[];
  readonly offset = 0;
  readonly dtype: DType;
  private values: FloatArray | undefined;
  private readonly read: (own: Tensor) => FloatArray;

  constructor(shape: Shape, dtype: DType, read: (own: Tensor) => FloatArray) {
    super();
    this.shape = [...shape];
    this.stride = rowMajor(shape);
    this.dtype = dtype;
    this.read = read;
  }

  get data(): FloatArray {
    this.values ??= this.read(this);
    return this.values;
  }
}

/** A row-major tensor whose values are read when they are first asked for, and kept from then on. */
export function deferred(shape: Shape, dtype: DType, source: DeferredValues): Tensor {
  const x = new LazyTensor(shape, dtype, (own) => {
    sources.delete(own);
    return source.read();
  });
  sources.set(x, source);
  return x;
}

/** What a tensor's values are written by, as long as nothing has asked for them; undefined for others, whose data are at hand. */
export const fillOf = (x: Tensor): DeferredValues['fill'] | undefined => sources.get(x)?.fill;
