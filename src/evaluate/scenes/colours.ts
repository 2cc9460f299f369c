import { expOf } from '../../tensor/elementary/exponential.ts';
import { logOf } from '../../tensor/elementary/logarithm.ts';
import { cosOf, sinOf } from '../../tensor/elementary/trigonometric.ts';
import type { Random } from '../../tensor/random.ts';
import { between } from './draw.ts';

/** Red, green and blue, 0 … 255, not rounded. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Lightness 0 … 1, chroma from 0 on, hue in turns. */
export interface Tone {
  readonly lightness: number;
  readonly chroma: number;
  readonly hue: number;
}

const encode = (x: number): number => (x <= 0.0031308 ? 12.92 * x : 1.055 * expOf(logOf(x) / 2.4) - 0.055);

/** Linear red, green and blue of a tone. Source: Ottosson 2020, "A perceptual color space for image processing" (Oklab). */
function linear({ lightness, chroma, hue }: Tone): Colour {
  const a = chroma * cosOf(2 * Math.PI * hue);
  const b = chroma * sinOf(2 * Math.PI * hue);
  const l = lightness + 0.3963377774 * a + 0.2158037573 * b;
  const m = lightness - 0.1055613458 * a - 0.0638541728 * b;
  const s = lightness - 0.0894841775 * a - 1.291485548 * b;
  const [l3, m3, s3] = [l * l * l, m * m * m, s * s * s];
  return [
    4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3,
    -1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3,
    -0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3,
  ];
}

/** The colour of a tone; its chroma is lowered as far as screens need it. */
export function colourOf(tone: Tone): Colour {
  let { chroma } = tone;
  let rgb = linear(tone);
  while (chroma > 0.004 && !rgb.every((x) => x >= 0 && x <= 1)) {
    chroma *= 0.9;
    rgb = linear({ ...tone, chroma });
  }
  const [red, green, blue] = rgb.map((x) => 255 * encode(Math.min(1, Math.max(0, x))));
  return [red, green, blue];
}

/** The colours of one scene: hues that go together, and lightnesses that stand off. */
export interface Scheme {
  readonly ground: Tone;
  /** A tone near the ground's, for its pattern. */
  near(random: Random): Tone;
  /** A tone that stands off from the ground. */
  apart(random: Random): Tone;
}

/** Steps between the hues of a scheme, in turns: neighbours, complement, thirds, split complement. */
const STEPS: readonly (readonly number[])[] = [
  [0, 0.08, -0.08, 0.5],
  [0.5, 0.42, 0.58, 0],
  [0, 1 / 3, 2 / 3, 0.5],
  [0.42, 0.58, 0, 0.1],
];

export function drawScheme(random: Random): Scheme {
  const hue = random.uniform();
  const steps = STEPS[random.integer(STEPS.length)];
  const isDark = random.uniform() < 0.4;
  const lightness = isDark ? between(random, 0.24, 0.46) : between(random, 0.62, 0.93);
  const ground = { lightness, chroma: between(random, 0.01, 0.085), hue };
  return {
    ground,
    near: (from) => ({
      lightness: lightness + between(from, -0.09, 0.09),
      chroma: between(from, 0.02, 0.1),
      hue: hue + between(from, -0.09, 0.09),
    }),
    apart(from) {
      const step = steps[from.integer(steps.length)];
      const room = isDark ? 0.97 - lightness : lightness - 0.24;
      const off = between(from, 0.24, Math.max(0.27, Math.min(0.5, room)));
      return {
        lightness: isDark ? lightness + off : lightness - off,
        chroma: between(from, 0.06, 0.22),
        hue: hue + step + between(from, -0.05, 0.05),
      };
    },
  };
}
