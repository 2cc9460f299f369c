import type { Step } from '../../../tensor/kernels/wasm/steps.ts';
import type { Shape } from '../../../tensor/shape.ts';

/** A stretch of a device's memory that has no address until memory is planned. */
export interface Buffer {
  readonly bytes: number;
}

/** Where a buffer lies, once that is known. */
export type AddressOf = (buffer: Buffer) => number;

/**
 * Float32 values on a device: [N, C, H, W] or [N, C], stored with the channels last and padded to a multiple of four, so that
 * four channels of a pixel are one vector. What is in the padding is finite.
 */
export interface DeviceValue {
  readonly buffer: Buffer;
  /** The shape that the graph knows. */
  readonly shape: Shape;
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

export const padded = (channels: number): number => Math.ceil(channels / 4) * 4;

/** Whether a shape can live on a device. */
export function fitsDevice(shape: Shape | undefined): shape is Shape {
  return (
    shape !== undefined && (shape.length === 4 || shape.length === 2) && shape.every((length) => length > 0)
  );
}

/** A new value of a shape; in `buffer`, if one is given. */
export function deviceValue(shape: Shape, buffer?: Buffer): DeviceValue {
  const [images, channels, height = 1, width = 1] = shape;
  const pixelBytes = padded(channels) * 4;
  return {
    buffer: buffer ?? { bytes: images * height * width * pixelBytes },
    shape,
    images,
    channels,
    height,
    width,
    pixelBytes,
  };
}

/** Pixels of all images. */
export const pixelsOf = ({ images, height, width }: DeviceValue): number => images * height * width;
