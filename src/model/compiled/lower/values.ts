import type { Step } from '../../../tensor/kernels/wasm/steps.ts';
import { type Shape, sizeOf } from '../../../tensor/shape.ts';

/** A stretch of a device's memory that has no address until memory is planned. */
export interface Buffer {
  readonly bytes: number;
  /** What it is a part of, from so many bytes on. */
  readonly within?: { readonly whole: Buffer; readonly from: number };
  /** Where it lies, if that is known at once: a constant. */
  readonly address?: number;
}

/** Where a buffer lies, once that is known. */
export type AddressOf = (buffer: Buffer) => number;

/**
 * Float32 values on a device: the entry at (i, j, …) lies Σ strides · (i, j, …) floats behind the beginning of the buffer. Entries
 * along one axis, the strand, lie side by side, and all other strides are multiples of four: so four neighbours are one vector. Vectors
 * may reach beyond the strand's end: what is read there is finite.
 */
export interface DeviceValue {
  readonly buffer: Buffer;
  /** The shape that the graph knows. */
  readonly shape: Shape;
  readonly strides: readonly number[];
  /** The axis whose stride is 1; −1 for a number alone. */
  readonly strand: number;
}

/** [N, C, H, W] or [N, C] pixel by pixel, the channels last. */
export interface MapValue extends DeviceValue {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** From one pixel to the next. */
  readonly pixelBytes: number;
}

/** Steps that read and write buffers. */
export interface Operation {
  readonly reads: readonly Buffer[];
  /** Buffers written, scratch among them. */
  readonly writes: readonly Buffer[];
  steps(at: AddressOf): Step[];
  /** Additions and multiplications, for cutting programs into pieces of bearable length. */
  readonly work: number;
}

/** What a buffer is a part of, in the end. */
export function wholeOf(buffer: Buffer): Buffer {
  let whole = buffer;
  while (whole.within !== undefined) whole = whole.within.whole;
  return whole;
}

/** The place of a buffer, given those of whole ones. */
export function placeOf(buffer: Buffer, at: AddressOf): number {
  let from = 0;
  let whole = buffer;
  while (whole.within !== undefined) {
    from += whole.within.from;
    whole = whole.within.whole;
  }
  return from + (whole.address ?? at(whole));
}

export const padded = (channels: number): number => Math.ceil(channels / 4) * 4;

/** Whether a shape can live on a device. */
export function fitsDevice(shape: Shape | undefined): shape is Shape {
  return shape?.every((length) => length > 0) === true;
}

/** Row-major: the last axis is the strand. */
export const plainOrder = (shape: Shape): number[] => shape.map((_, axis) => axis);

/** Axes from the slowest to the strand as feature maps have them, [N, H, W, C]; row-major for other ranks than four. */
export const usualOrder = (shape: Shape): number[] => (shape.length === 4 ? [0, 2, 3, 1] : plainOrder(shape));

/** A new value whose axes lie in an order, from the slowest to the strand. */
export function newValue(shape: Shape, order: readonly number[], buffer?: Buffer): DeviceValue {
  const strides = new Array<number>(shape.length).fill(1);
  const strand = order.at(-1) ?? -1;
  let floats = padded(shape[strand] ?? 1);
  for (const axis of order.slice(0, -1).reverse()) {
    strides[axis] = floats;
    floats *= shape[axis];
  }
  return { buffer: buffer ?? { bytes: floats * 4 }, shape, strides, strand };
}

/** A feature map of a shape; in `buffer`, if one is given. */
export function deviceValue(shape: Shape, buffer?: Buffer): MapValue {
  const value = newValue(shape, usualOrder(shape), buffer);
  const [images, channels, height = 1, width = 1] = shape;
  return { ...value, images, channels, height, width, pixelBytes: padded(channels) * 4 };
}

/** Pixels of all images. */
export const pixelsOf = ({ images, height, width }: MapValue): number => images * height * width;

/** A value as a feature map, if it lies as one. */
export function asMap(x: DeviceValue): MapValue | undefined {
  const { shape, strides } = x;
  if (shape.length !== 2 && shape.length !== 4) return undefined;
  const [images, channels, height = 1, width = 1] = shape;
  if (channels > 1 && x.strand !== 1) return undefined;
  const outer = shape.length === 4 ? [0, 2, 3] : [0];
  const run = runOf(x, outer);
  if (run === undefined || (run === 0 && sizeOf(outer.map((axis) => shape[axis])) > 1)) return undefined;
  const pixelBytes = (run || padded(channels)) * 4;
  return pixelBytes < padded(channels) * 4
    ? undefined
    : { ...x, strides, strand: 1, images, channels, height, width, pixelBytes };
}

/** Floats from one entry to the next of axes that are walked as one, the last running fastest; undefined where they are uneven. */
export function runOf({ shape, strides }: DeviceValue, axes: readonly number[]): number | undefined {
  const long = axes.filter((axis) => shape[axis] > 1).reverse();
  if (long.length === 0) return 0;
  const step = strides[long[0]];
  let next = step;
  for (const axis of long) {
    if (strides[axis] !== next) return undefined;
    next *= shape[axis];
  }
  return step;
}

/** Axes from the slowest to the strand. */
export function orderOf({ shape, strides, strand }: DeviceValue): number[] {
  const outer = plainOrder(shape).filter((axis) => axis !== strand);
  outer.sort((a, b) => strides[b] - strides[a] || a - b);
  return strand < 0 ? outer : [...outer, strand];
}
