/**
 * How the tables of src/image/colormap.ts were made: `npx tsx test/image/makeColormap.ts` prints them. In OKLCh,
 * lightness rises evenly, hue and chroma follow a smooth curve through a few anchors; where a screen has no such
 * colour, chroma gives way.
 */
import { fileURLToPath } from 'node:url';
import type { ColormapName } from '../../src/image/colormap.ts';

export interface Anchors {
  /** OKLab lightness of the first and the last colour; of a diverging map's ends, and its middle. */
  readonly lightness: readonly [number, number];
  /** Lightness rises to the middle and falls again. */
  readonly diverging?: boolean;
  /** At evenly spaced places: chroma, and hue in degrees; a chroma below 0 has the opposite hue. */
  readonly points: readonly (readonly [chroma: number, hue: number])[];
}

export const anchors: Readonly<Record<ColormapName, Anchors>> = {
  // Night violet, purple, crimson, orange, pale yellow.
  ember: {
    lightness: [0.17, 0.97],
    points: [
      [0.05, 292],
      [0.125, 303],
      [0.18, 352],
      [0.19, 394],
      [0.155, 426],
      [0.08, 462],
    ],
  },
  // Deep blue, ocean, teal, green, sunlit yellow.
  lagoon: {
    lightness: [0.22, 0.96],
    points: [
      [0.08, 288],
      [0.11, 264],
      [0.095, 225],
      [0.115, 175],
      [0.165, 136],
      [0.15, 107],
    ],
  },
  // Black, white.
  gray: {
    lightness: [0.18, 1],
    points: [
      [0, 0],
      [0, 0],
    ],
  },
  // Deep blue, sky, nearly white, rose, deep red.
  tide: {
    lightness: [0.36, 0.97],
    diverging: true,
    points: [
      [0.13, 262],
      [0.11, 251],
      [0, 232],
      [-0.13, 208],
      [-0.15, 202],
    ],
  },
};

type Triple = readonly [number, number, number];

const decode = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encode = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);

/** Source: Ottosson 2020, "A perceptual color space for image processing". */
export function okLab(rgb: readonly number[]): Triple {
  const [r, g, b] = rgb.map((value) => decode(value / 255));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** sRGB 0 … 1, outside where a screen has no such colour. */
function sRgb(lightness: number, chroma: number, hue: number): number[] {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(encode);
}

/** A Catmull-Rom curve through evenly spaced values, at t in 0 … 1. */
function curve(values: readonly number[], t: number): number {
  const at = t * (values.length - 1);
  const i = Math.min(values.length - 2, Math.floor(at));
  const u = at - i;
  const [p1, p2] = [values[i], values[i + 1]];
  const p0 = values[i - 1] ?? 2 * p1 - p2;
  const p3 = values[i + 2] ?? 2 * p2 - p1;
  const cubic = 3 * p1 - 3 * p2 + p3 - p0;
  return p1 + 0.5 * u * (p2 - p0 + u * (2 * p0 - 5 * p1 + 4 * p2 - p3 + u * cubic));
}

/** Evenly spaced colours of a map, "rrggbb" each. */
export function makeColormap({ lightness: [from, to], points, diverging }: Anchors, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1);
    const lightness = from + (to - from) * (diverging === true ? 1 - Math.abs(2 * t - 1) : t);
    const hue = curve(
      points.map((point) => point[1]),
      t,
    );
    let chroma = curve(
      points.map((point) => point[0]),
      t,
    );
    let rgb = sRgb(lightness, chroma, hue);
    while (rgb.some((value) => !(value >= 0 && value <= 1))) {
      chroma -= Math.sign(chroma) * 0.0005;
      rgb = sRgb(lightness, chroma, hue);
    }
    return rgb
      .map((value) =>
        Math.round(255 * value)
          .toString(16)
          .padStart(2, '0'),
      )
      .join('');
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, each] of Object.entries(anchors)) console.log(name, makeColormap(each, 33).join(' '));
}
