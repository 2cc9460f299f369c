/** A colour, 0 … 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

const gamma = (linear: number) =>
  linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;

/** Linear sRGB of a colour in OKLCh. Source: Ottosson 2020, "A perceptual color space for image processing". */
function linearRgb(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** The colour with as much of the chroma as a screen can show. */
function inGamut(lightness: number, chroma: number, hue: number): Rgb {
  for (let share = 1; share > 0; share -= 0.02) {
    const rgb = linearRgb(lightness, chroma * share, hue);
    if (rgb.every((value) => value >= 0 && value <= 1)) {
      return rgb.map((value) => Math.round(255 * gamma(value))) as unknown as Rgb;
    }
  }
  const gray = Math.round(255 * gamma(lightness ** 3));
  return [gray, gray, gray];
}

const STEPS = 256;
const DARKEST = 0.17;
const LIGHTEST = 0.96;

/** From near-black violet through red and orange to pale yellow, lightness rising evenly. */
const ember: readonly Rgb[] = Array.from({ length: STEPS }, (_, i) => {
  const t = i / (STEPS - 1);
  const lightness = DARKEST + (LIGHTEST - DARKEST) * t;
  const hue = ((-75 + 180 * t ** 0.85) * Math.PI) / 180;
  const chroma = 0.03 + 0.21 * Math.sin(Math.PI * Math.min(1, t * 1.03)) ** 0.8;
  return inGamut(lightness, chroma, hue);
});

/** The colour of a value 0 … 1 on the perceptually uniform scale of all pictures: equal steps look equal. */
export function colourOf(value: number): Rgb {
  const t = Math.min(1, Math.max(0, value));
  return ember[Math.round(t * (STEPS - 1))];
}
