import { expOf } from '../../tensor/elementary/exponential.ts';

/**
 * erf and erfc to about one unit in the last place. The polynomials are of scripts/errorFunction.py, each in the powers of the
 * distance from the middle of its interval.
 */

// erf(x)/x − 1 by u = x², 0 ≤ u ≤ 0.75
const NEAR_ZERO = [
  0.0018801197863594782, -0.301809621107369, 0.08660397291084947, -0.02011485003392488, 0.0038500443038339597,
  -0.000623185174135373, 8.718801093435755e-5, -1.0729332939709714e-5, 1.1777335952435893e-6,
  -1.166325191749513e-7, 1.0518892030836731e-8, -8.729472895418941e-10, 6.67520361438513e-11,
];

// erf(1 + v) − 0.845, |v| ≤ 0.25
const NEAR_ONE = [
  -0.002299207050285131, 0.41510749742059466, -0.4151074974205947, 0.13836916580687567, 0.06918458290343663,
  -0.06918458290529376, 0.004612305526172784, 0.015154718301776353, -0.00477703066919661,
  -0.0018851939338077092, 0.001226285424406479, 8.564092990878897e-5, -0.0002000099255644986,
  1.7460309704996226e-5, 2.3223403690206044e-5,
];

// log(x e^(x²) erfc x) + 0.5625 by s = 1/x, 0.35 ≤ s ≤ 0.8
const MIDDLE = [
  -0.13447184980700566, -0.34305927579400297, -0.08563350743828267, 0.15597135834810785, -0.12776866963097375,
  0.06343563226819102, 0.006902921691156441, -0.06358542705774067, 0.09363119565058416, -0.09075695947302215,
  0.056005932976910165, 0.002179375375636019, -0.06890706236601166, 0.12476096640930444, -0.1514795711780305,
  0.143160123832863, -0.07473602974295933, -0.13645322024510975, 0.2850934216484828,
];

// the same, 1/32 ≤ s ≤ 0.35
const TAIL = [
  -0.027274315182232153, -0.17530085830981526, -0.3884052247625408, 0.3202893979260469, 0.12116880684686632,
  -0.5961782204594502, 0.5153301507905536, 0.5981279923592847, -2.2408057158550916, 2.0961056725286573,
  3.1471329742405962, -13.129121435016133, 15.599591998609247, 16.307922509488044, -99.50861316363937,
  169.17476721284496, 34.11376965346984, -988.8186266760391, 2097.0268770950383, 1483.9127932605502,
  -8758.214846935465,
];

const NEAR_ZERO_UP_TO = 0.84375;
const NEAR_ONE_UP_TO = 1.25;
const TAIL_FROM = 1 / 0.35;
/** Beyond it erf is 1 to the last digit. */
const ERF_IS_ONE_FROM = 6;
/** Beyond it e^(−x²) is 0. */
const NOTHING_FROM = 28;

/** Σ c[i] xⁱ. */
function polynomial(c: readonly number[], x: number): number {
  let total = c[c.length - 1];
  for (let i = c.length - 2; i >= 0; i--) total = total * x + c[i];
  return total;
}

/** erf(x)/x − 1 near 0. */
const excessNearZero = (x: number): number => polynomial(NEAR_ZERO, x * x - 0.375);

/** erfc x for 1.25 ≤ x: e^(−h²−0.5625) e^((h−x)(h+x)+r)/x, h the first digits of x, so that h² is exact. */
function erfcTail(x: number): number {
  if (x > NOTHING_FROM) return 0;
  const s = 1 / x;
  const r = x < TAIL_FROM ? polynomial(MIDDLE, s - 0.575) : polynomial(TAIL, s - 0.190625);
  const h = Math.fround(x);
  return (expOf(-h * h - 0.5625) * expOf((h - x) * (h + x) + r)) / x;
}

/** 2/√π ∫₀ˣ e^(−t²) dt. */
export function erfOf(x: number): number {
  const a = Math.abs(x);
  if (a < NEAR_ZERO_UP_TO) return x + x * excessNearZero(x);
  if (a < NEAR_ONE_UP_TO) return Math.sign(x) * (0.845 + polynomial(NEAR_ONE, a - 1));
  return a > ERF_IS_ONE_FROM ? Math.sign(x) : Math.sign(x) * (1 - erfcTail(a));
}

/** 1 − erf x, of full relative accuracy where it is small. */
export function erfcOf(x: number): number {
  if (x < 0.25) return x > -ERF_IS_ONE_FROM ? 1 - erfOf(x) : Number.isNaN(x) ? x : 2;
  if (x < NEAR_ZERO_UP_TO) return 0.5 - (x - 0.5 + x * excessNearZero(x));
  if (x < NEAR_ONE_UP_TO) return 0.155 - polynomial(NEAR_ONE, x - 1);
  return erfcTail(x);
}

/** e^(−x²), with x² split so that no digit of the exponent is lost. */
export function gaussOf(x: number): number {
  if (Math.abs(x) > NOTHING_FROM) return 0;
  const h = Math.fround(x);
  return expOf(-h * h) * expOf((h - x) * (h + x));
}
