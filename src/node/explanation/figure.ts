import type { MethodName } from '../../cam/methods.ts';
import { methodOf } from '../../cam/more/methodTable.ts';
import type { ColormapName } from '../../image/colormap.ts';

export const formats = ['svg', 'png', 'npy', 'json'] as const;

/** What files hold: svg has panels and grids as drawings, png all pictures, npy and json arrays. */
export type Format = (typeof formats)[number];

export const drawings = ['overlay', 'panel', 'grid', 'raw', 'crop'] as const;

/**
 * What may be drawn: maps over the photograph, those of a class side by side, those of all classes below each other, maps alone, and what
 * the network saw.
 */
export type Drawing = (typeof drawings)[number];

/** Pixels of the longer side of a drawn picture. */
export const drawnSide = { least: 16, most: 8192 };

/** What is subtracted from what: maps of two methods, of each class, or of two classes, by each method. */
export interface Differences {
  readonly methods: readonly (readonly [of: MethodName, less: MethodName])[];
  readonly classes: readonly (readonly [of: number, less: number])[];
}

export const noDifferences: Differences = { methods: [], classes: [] };

/** How explanations are written: in which formats, and what is drawn how. */
export interface FigureOptions {
  /** Which files there are: png unless given. */
  readonly format?: readonly Format[] | undefined;
  /** Overlays and panels where there are PNG files, panels where there are SVG files alone, unless given. */
  readonly draw?: readonly Drawing[] | undefined;
  /** Pixels of the longer side of each picture; unless given as the photograph, and at most 2048. */
  readonly size?: number | undefined;
  readonly colormap?: ColormapName | undefined;
  /** Of the colour over the photograph where the map is brightest, 0 to 1. */
  readonly opacity?: number | undefined;
  /** Lines at a quarter, a half and three quarters of the brightest. */
  readonly contours?: boolean | undefined;
  /** Outlines the box round all cells of at least this share of the maximum. */
  readonly box?: number | undefined;
  /** One scale for all classes of a method, so that they can be compared. */
  readonly commonScale?: boolean | undefined;
  /** Draws Σ w·A before its ReLU. */
  readonly signed?: boolean | undefined;
  /** Maps less others, as they are drawn. */
  readonly differences?: Partial<Differences> | undefined;
}

/** What is written, with what was left open settled. */
export interface Figure extends Omit<FigureOptions, 'format' | 'draw' | 'differences'> {
  readonly format: readonly Format[];
  readonly draw: readonly Drawing[];
  readonly differences: Differences;
}

function usualDrawings(format: readonly Format[]): readonly Drawing[] {
  if (format.includes('png')) return ['overlay', 'panel'];
  return format.includes('svg') ? ['panel'] : [];
}

/** What is drawn in the formats: as was asked for, else overlays as PNG files, and panels; nothing where arrays alone are written. */
export function drawingsOf({ draw, format }: Pick<FigureOptions, 'draw'> & Pick<Figure, 'format'>) {
  const usual = usualDrawings(format);
  return usual.length === 0 ? usual : (draw ?? usual);
}

/** Options with what they leave open settled. */
export function figureOf({ format = ['png'], draw, differences, ...options }: FigureOptions): Figure {
  return {
    ...options,
    format,
    draw: drawingsOf({ draw, format }),
    differences: { ...noDifferences, ...differences },
  };
}

export const isAnySubtracted = ({ differences: { methods, classes } }: Pick<Figure, 'differences'>) =>
  methods.length + classes.length > 0;

/** Whether a method's map is a sum of weighted feature maps, which may be below 0 before its ReLU. */
export function isSummed(name: MethodName): boolean {
  const row = methodOf(name);
  return row.of !== 'input' && row.weighs === 'maps';
}
