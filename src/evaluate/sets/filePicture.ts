import type { Picture } from '../../image/picture.ts';
import { sha256Of } from '../../node/digestBytes.ts';
import { decodePicture } from '../../node/pictures/decodePicture.ts';
import { InputError } from '../../tensor/errors.ts';
import { fillPolygons, fillRuns } from './polygon.ts';
import type { SetPicture } from './setPicture.ts';
import { vocColour } from './vocColour.ts';

/** The outline of an occurrence, as COCO has it: polygons, each x0, y0, x1, y1, …, or lengths of runs. */
export type Outline = readonly (readonly number[])[] | { readonly counts: readonly number[] };

/** What says where the occurrences of a picture are. */
export type Occurrences<File> =
  /** A picture with a colour for each, black is ground; none where there is no such picture. */
  | { readonly by: 'colours'; readonly mask?: File | undefined }
  /** A picture with the colours of Pascal VOC, and the numbers of those that count. */
  | { readonly by: 'numbers'; readonly mask: File; readonly numbers: readonly number[] }
  | { readonly by: 'outlines'; readonly outlines: readonly Outline[] };

/** A file of a set, as it is called in messages: wherever it lies, they are the same. */
export interface NamedFile {
  readonly name: string;
}

/** A picture of a set that is made of files, and all that is known of it. */
export interface FilePicture<File extends NamedFile> {
  /** What it is called in results. */
  readonly name: string;
  readonly label?: string | undefined;
  readonly file: File;
  readonly occurrences: Occurrences<File>;
}

/** The files of a picture. */
export function filesOf<File extends NamedFile>({ file, occurrences }: FilePicture<File>): File[] {
  const mask = occurrences.by === 'outlines' ? undefined : occurrences.mask;
  return mask === undefined ? [file] : [file, mask];
}

/** The same picture with its files at another place. */
export function withFiles<File extends NamedFile, Other extends NamedFile>(
  picture: FilePicture<File>,
  placed: (file: File) => Other,
): FilePicture<Other> {
  const { name, label, file, occurrences } = picture;
  const moved = (): Occurrences<Other> => {
    if (occurrences.by === 'outlines') return occurrences;
    if (occurrences.by === 'numbers') return { ...occurrences, mask: placed(occurrences.mask) };
    return { by: 'colours', mask: occurrences.mask && placed(occurrences.mask) };
  };
  return { name, label, file: placed(file), occurrences: moved() };
}

/** SHA-256 of all that is known of a picture, by that of its files. */
export function hashOfPicture<File extends NamedFile>(
  { file, label, occurrences }: FilePicture<File>,
  hashOf: (file: File) => string,
): string {
  const own = hashOf(file);
  if (occurrences.by === 'outlines')
    return sha256Of(`${own} ${label} ${JSON.stringify(occurrences.outlines)}`);
  if (occurrences.by === 'numbers') {
    const { mask, numbers } = occurrences;
    return sha256Of(`${own} ${label} ${numbers.join()} ${hashOf(mask)}`);
  }
  const { mask } = occurrences;
  return sha256Of(`${own} ${mask === undefined ? '' : hashOf(mask)} ${label ?? ''}`);
}

const valueAt = (data: Uint8Array | Uint8ClampedArray, i: number) =>
  data[4 * i] + 256 * data[4 * i + 1] + 65536 * data[4 * i + 2];

/** The pixels of each instance of a mask: one for each colour but black, in the order of red + 256 green + 65536 blue. */
function byColours(
  { width, height, data }: Picture,
  size: Picture,
  { name }: NamedFile,
): readonly Uint8Array[] {
  if (width !== size.width || height !== size.height) {
    throw new InputError(
      `Cannot use the mask ${name}: it has ${width}×${height} pixels, its picture ${size.width}×${size.height}`,
    );
  }
  const masks = new Map<number, Uint8Array>();
  for (let i = 0; i < width * height; i++) {
    const value = valueAt(data, i);
    if (value === 0) continue;
    const mask = masks.get(value) ?? new Uint8Array(width * height);
    mask[i] = 1;
    masks.set(value, mask);
  }
  return [...masks].sort(([a], [b]) => a - b).map(([, mask]) => mask);
}

/** The pixels of objects by their numbers. */
function byNumbers({ data, width, height }: Picture, numbers: readonly number[]): Uint8Array[] {
  return numbers.map((object) => {
    const colour = vocColour(object);
    return Uint8Array.from({ length: width * height }, (_, i) => Number(valueAt(data, i) === colour));
  });
}

/** Reads a picture and its masks. @throws InputError naming the file that cannot be used. */
export function readFilePicture<File extends NamedFile>(
  { file, label, occurrences }: FilePicture<File>,
  bytesOf: (file: File) => Uint8Array,
): SetPicture {
  const decode = (each: File) => decodePicture(bytesOf(each), each.name);
  const picture = decode(file);
  function masks(): readonly Uint8Array[] {
    if (occurrences.by === 'outlines') {
      return occurrences.outlines.map((outline) =>
        'counts' in outline ? fillRuns(outline.counts, picture) : fillPolygons(outline, picture),
      );
    }
    const { mask } = occurrences;
    if (mask === undefined) return [];
    return occurrences.by === 'numbers'
      ? byNumbers(decode(mask), occurrences.numbers)
      : byColours(decode(mask), picture, mask);
  }
  return { picture, label, masks: masks() };
}
