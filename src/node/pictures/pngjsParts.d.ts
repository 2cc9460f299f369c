/** The parts of pngjs 7.0.0 that turn samples into pixels; its types describe only the whole. */

declare module 'pngjs/lib/bitmapper.js' {
  interface Bitmap {
    readonly width: number;
    readonly height: number;
    readonly depth: number;
    /** Samples of a pixel. */
    readonly bpp: number;
    readonly interlace: boolean;
  }
  const bitmapper: {
    /** Four samples a pixel, as they are: of 16 bits in a Uint16Array. @throws Error where there are too few or too many. */
    readonly dataToBitMap: (samples: Uint8Array, bitmap: Bitmap) => Uint8Array | Uint16Array;
  };
  export = bitmapper;
}

declare module 'pngjs/lib/format-normaliser.js' {
  interface Kind {
    readonly width: number;
    readonly height: number;
    readonly depth: number;
    readonly colorType: number;
    /** RGBA of each entry. */
    readonly palette: readonly (readonly number[])[];
    /** Samples of the colour that is transparent. */
    readonly transColor: readonly number[] | undefined;
  }
  /** RGBA of 8 bits. @throws Error for an entry that the palette lacks. */
  const normalise: (pixels: Uint8Array | Uint16Array, kind: Kind) => Uint8Array;
  export = normalise;
}
