import type { LayerNeurons } from '../../cam/neurons.ts';
import { toBase64 } from '../../tensor/base64.ts';
import type { Picture, Rectangle } from '../picture.ts';

/** A PNG file and its sides. */
export interface AtlasImage extends Pick<Picture, 'width' | 'height'> {
  readonly png: Uint8Array;
}

/** What a plate shows. */
export interface Atlas {
  readonly title: string;
  readonly subtitle: string;
  readonly neurons: LayerNeurons;
  /** The photograph, and the part of it that the network saw. */
  readonly photograph: AtlasImage & {
    readonly name: string;
    readonly seen: Rectangle;
    /** Of the file. */
    readonly sides: Pick<Picture, 'width' | 'height'>;
  };
  /** The photograph as it lies under maps. */
  readonly ground: AtlasImage;
  /** The map of the class, and those of `neurons.maps`, to be laid over what the network saw. */
  readonly whole: AtlasImage & { readonly title: string; readonly detail: string };
  readonly veils: readonly AtlasImage[];
  /** Of the network's input, in which receptive fields are told. */
  readonly input: Pick<Picture, 'width' | 'height'>;
}

/** Width of a map, and the numbers under it. */
export const TILE = 300;
/** Pictures are no higher than that. */
const TALLEST = 330;

export const imageHref = ({ png }: AtlasImage) => `data:image/png;base64,${toBase64(png)}`;

/** Drawn sides of what the network saw. */
export function seenSides(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  room: number,
): [number, number] {
  const scale = Math.min(room / width, TALLEST / height);
  return [Math.round(width * scale), Math.round(height * scale)];
}
