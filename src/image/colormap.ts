/** A colour, 0 … 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The colour maps, by name. */
export type ColormapName = 'ember' | 'lagoon';
export const colormapNames: readonly ColormapName[] = ['ember', 'lagoon'];

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
};

/** Rows of red, green and blue. */
function parseTable(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const rows: Readonly<Record<ColormapName, Uint8Array>> = {
  ember: parseTable(tables.ember),
  lagoon: parseTable(tables.lagoon),
};

/**
 * The colour of a value 0 … 1: `ember` from night violet through crimson to pale yellow, `lagoon` from deep blue through
 * teal to yellow. Lightness rises evenly, so that equal steps look equal, in gray print and to the colour-blind too.
 * Values beyond are clamped, NaN counts as 0.
 * @example
 * colourOf(1) // [255, 248, 188]
 */
export function colourOf(value: number, colormap: ColormapName = 'ember'): Rgb {
  const table = rows[colormap];
  const last = table.length / 3 - 1;
  const at = value > 0 ? Math.min(1, value) * last : 0;
  const below = Math.min(last - 1, Math.floor(at));
  const share = at - below;
  const mixed = (c: number) => {
    const from = table[3 * below + c];
    return Math.round(from + (table[3 * below + 3 + c] - from) * share);
  };
  return [mixed(0), mixed(1), mixed(2)];
}
