import { describe } from '../tensor/describe.ts';
import { InputError } from '../tensor/errors.ts';
import { wantNumber, wantRecord } from '../tensor/options.ts';
import { formatShape } from '../tensor/shape.ts';
import { contiguous, type Tensor, toTensor } from '../tensor/tensor.ts';
import type { Picture } from './picture.ts';

/** @throws InputError for anything but a picture: sides in whole pixels, and four bytes for each pixel. */
export function wantPicture(picture: Picture, action: string): void {
  wantRecord(picture, 'the picture', action);
  const { width, height, data } = picture;
  const bytes: unknown = data;
  const isBytes = bytes instanceof Uint8Array || bytes instanceof Uint8ClampedArray;
  const isSided = [width, height].every((side) => Number.isSafeInteger(side) && side > 0);
  if (isBytes && isSided && data.length === 4 * width * height) return;
  const got = isBytes && isSided ? `${data.length} bytes for ${width} × ${height}` : 'another record';
  throw new InputError(
    `Cannot ${action}: a picture { width, height, data } with 4 bytes RGBA for each pixel is wanted, got ${got}; use loadPicture or pictureOf`,
  );
}

/** @throws InputError for anything but a record of numbers by these names. */
export function wantNumbers(value: unknown, names: readonly string[], what: string, action: string): void {
  wantRecord(value, what, action);
  for (const name of names)
    wantNumber((value as Record<string, unknown>)[name], `${name} of ${what}`, action);
}

export const RECTANGLE = ['x', 'y', 'width', 'height'] as const;

/** A map [H, W] with plain values. @throws InputError for anything else. */
export function wantMap(map: Tensor, action: string): Tensor {
  const given = contiguous(toTensor(map, action));
  if (given.shape.length === 2) return given;
  throw new InputError(`Cannot ${action}: the map's shape must be [H, W], got ${formatShape(given.shape)}`);
}

/** @throws InputError for sides that no picture has. */
export function wantSides(sides: readonly (readonly [name: string, value: unknown])[], action: string): void {
  for (const [name, value] of sides) {
    if (Number.isSafeInteger(value) && (value as number) > 0) continue;
    throw new InputError(
      `Cannot ${action}: ${name} must be a whole number of pixels, got ${describe(value)}`,
    );
  }
}
