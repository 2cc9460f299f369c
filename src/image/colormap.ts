import { InputError } from '../tensor/errors.ts';
import { wantNumber } from '../tensor/options.ts';

/** A colour, 0 … 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour maps for values 0 … 1. */
export const sequentialNames = ['ember', 'lagoon', 'gray'] as const;
/** The colour maps for values −1 … 1. */
export const divergingNames = ['tide'] as const;

/** The colour maps, by name. */
export type ColormapName = (typeof sequentialNames)[number] | (typeof divergingNames)[number];

/**
 * The colour maps, by name: `ember`, `lagoon` and `gray` for values 0 … 1, `tide` for −1 … 1.
 * @example
 * colormapNames // ['ember', 'lagoon', 'gray', 'tide']
 */
export const colormapNames: readonly ColormapName[] = [...sequentialNames, ...divergingNames];

/** 33 evenly spaced colours, so that no machine computes its own. test/image/makeColormap.ts makes them. */
const tables: Readonly<Record<ColormapName, string>> = {
  ember:
    '100a23 170d2e 1e1139 251444 2c1750 351a5b 3f1d65 4b1f6d 592073 682077 791f77 ' +
    '891e74 991e6f a8206a b62564 c32b5c cf3354 d93d4b e24842 ea5538 f1612f f76e29 ' +
    'fb7b26 ff8829 ff9739 ffa548 ffb256 ffbf65 ffcb73 ffd782 ffe292 ffeda6 fff8bc',
  lagoon:
    '1a113d 1d1746 201d50 22235a 232963 23306d 213875 1e407d 1a4982 165286 135a89 ' +
    '10638c 0f6c8e 0a7491 027d93 028694 028f95 059894 17a092 26a890 34b18d 41b989 ' +
    '4ec183 5ec87c 70cf74 83d66c 97db66 aae063 bce563 ceea66 deef6b eef472 fdf978',
  gray:
    '121212 171717 1d1d1d 232323 292929 303030 363636 3d3d3d 444444 4a4a4a 515151 ' +
    '585858 606060 676767 6e6e6e 767676 7d7d7d 858585 8c8c8c 949494 9c9c9c a4a4a4 ' +
    'acacac b4b4b4 bcbcbc c4c4c4 cccccc d5d5d5 dddddd e5e5e5 eeeeee f6f6f6 ffffff',
  tide:
    '123780 1a438b 224f96 2a5ba2 3366ad 3c72b9 467fc3 518bcd 5e98d5 6ca4dc 7cb1e1 ' +
    '8ebde5 a1c9e9 b5d4ec cae0ee dfeaf1 f5f5f5 f2e6df f0d6ca eec5b5 ecb4a2 eaa390 ' +
    'e59280 df8272 d87266 ce635a c35550 b74845 ab3b3b 9e2f31 922128 85111e 770016',
};

/** Rows of red, green and blue. */
function parseTable(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const rows: Readonly<Record<ColormapName, Uint8Array>> = {
  ember: parseTable(tables.ember),
  lagoon: parseTable(tables.lagoon),
  gray: parseTable(tables.gray),
  tide: parseTable(tables.tide),
};

/** Whether the colours are those of values −1 … 1, the middle one of 0. */
export function isDiverging(colormap: ColormapName): boolean {
  return (divergingNames as readonly ColormapName[]).includes(colormap);
}

/** Writes the colour of a value into `colour`: a function of values, for pictures of many pixels. @throws InputError for another name. */
export function colouring(colormap: ColormapName): (value: number, colour: Uint8Array) => void {
  const table = Object.hasOwn(rows, colormap) ? rows[colormap] : undefined;
  if (table === undefined) {
    throw new InputError(
      `Cannot colour the map: the colour maps are ${colormapNames.join(', ')}, got ${String(colormap)}`,
    );
  }
  const last = table.length / 3 - 1;
  const signed = isDiverging(colormap);
  return (value, colour) => {
    const share = signed ? (1 + (Number.isNaN(value) ? 0 : value)) / 2 : value;
    const at = share > 0 ? Math.min(1, share) * last : 0;
    const below = Math.min(last - 1, Math.floor(at));
    for (let c = 0; c < 3; c++) {
      const from = table[3 * below + c];
      colour[c] = Math.round(from + (table[3 * below + 3 + c] - from) * (at - below));
    }
  };
}

/**
 * The colour of a value 0 … 1: `ember` from night violet through crimson to pale yellow, `lagoon` from deep blue through
 * teal to yellow, `gray` from black to white. Lightness rises evenly, so that equal steps look equal, in gray print and to the
 * colour-blind too. `tide` is for values −1 … 1: blue below 0, red above, pale at 0. Values beyond are clamped, NaN counts as 0.
 * @throws InputError for another name.
 * @example
 * colourOf(1) // [255, 248, 188]
 */
export function colourOf(value: number, colormap: ColormapName = 'ember'): Rgb {
  const colour = new Uint8Array(3);
  colouring(colormap)(wantNumber(value, 'the value', 'choose a colour'), colour);
  return [colour[0], colour[1], colour[2]];
}
